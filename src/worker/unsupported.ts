/** Parts of a message this worker cannot carry out. Running the task and dropping them would lose work, so the message is set aside. */

import type { TaskMessage } from '../wire/message.ts';
import type { Verdict } from './verdict.ts';

/** The verdict on a message with follow-ups that would be dropped; undefined for all others. */
export function unsupported({ embed }: TaskMessage): Verdict | undefined {
  if (!embed.callbacks?.length && !embed.errbacks?.length && !embed.chain?.length && embed.chord === null) return undefined;
  const parts = (['callbacks', 'errbacks', 'chain', 'chord'] as const).filter((part) => {
    const given = embed[part];
    return Array.isArray(given) ? given.length > 0 : given !== null;
  });
  return {
    code: 'unsupported-canvas',
    reason: `The message carries ${parts.join(', ')}, which this version does not carry out; run it by Python's worker or send the steps one by one.`,
  };
}
