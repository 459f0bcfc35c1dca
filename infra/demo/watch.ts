/** Where happenings come from beside the mapping: the worker's log lines, and the dead-letter queue. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Delivery, Inbox } from '../../src/index.ts';
import type { DeadLetter } from './account.ts';
import type { WorkerLine } from './ledger.ts';

/** What a line of the worker's log says about a message; undefined for any other line. */
export function readWorkerLine(text: string): WorkerLine | undefined {
  const line = readObject(text);
  const { messageId, acknowledged, state, id, retries, error } = line ?? {};
  if (typeof messageId !== 'string' || typeof acknowledged !== 'boolean') return undefined;
  const errorName = (error as { readonly name?: unknown } | undefined)?.name;
  return {
    messageId,
    acknowledged,
    ...(typeof state === 'string' && { state }),
    ...(typeof id === 'string' && { id }),
    ...(typeof retries === 'number' && { retries }),
    ...(typeof errorName === 'string' && { errorName }),
  };
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** What a message of the dead-letter queue tells. */
export function toDeadLetter({ messageId, body, attributes }: Delivery): DeadLetter {
  const text = (name: string): string | undefined => {
    const value = attributes?.[`celeriac.${name}`]?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const code = text('code');
  const reason = text('reason');
  const id = text('id');
  return {
    messageId,
    body,
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    ...(id !== undefined && { id }),
  };
}

/** Short polls: one that is aborted must not take a message along. */
const PAUSE_MS = 150;

/** Looks into the dead-letter queue until stopped, and leaves there what it finds. The answer stops it. */
export function watchDeadLetters(inbox: Inbox, queue: string, found: (letter: DeadLetter) => void): () => Promise<void> {
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const deliveries = await inbox.receive(queue);
      for (const delivery of deliveries) found(toDeadLetter(delivery));
      if (deliveries.length === 0) await pause(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const looking = look();
  looking.catch(() => {});
  return async () => {
    stopping.abort();
    await looking;
  };
}
