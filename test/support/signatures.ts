/** Signatures without an app: a sender that keeps what it is asked to send, and short names for data. */

import { Signature, type SignatureCall, type SignatureSender } from '../../src/canvas/signature.ts';
import type { Args } from '../../src/canvas/step.ts';
import { AsyncResult } from '../../src/results/async-result.ts';
import type { SignatureData } from '../../src/wire/message.ts';

export interface RecordingSender extends SignatureSender {
  readonly sent: { readonly data: SignatureData; readonly call: SignatureCall }[];
  /** A signature that may go anywhere. */
  sign(task: string, ...args: readonly unknown[]): Signature<Args, unknown>;
}

export function createRecordingSender(errbacksOnChordHeader = false): RecordingSender {
  const sent: RecordingSender['sent'] = [];
  const sender: RecordingSender = {
    errbacksOnChordHeader,
    sent,
    async send(data, call) {
      sent.push({ data, call });
      return new AsyncResult(`sent-${sent.length}`, () => {
        throw new Error('Nothing is read here.');
      });
    },
    sign: (task, ...args) => new Signature(plain(task, args), sender),
  };
  return sender;
}

export const plain = (task: string, args: Args = [], more: Partial<SignatureData> = {}): SignatureData => ({
  task,
  args,
  kwargs: {},
  options: {},
  subtask_type: null,
  immutable: false,
  ...more,
});
