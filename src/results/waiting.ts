/** Waiting for tasks to end: told by the backend where it tells, else looking every so often. Knows ids and documents only. */

import type { Clock } from '../clock.ts';
import { TimeoutError } from '../errors.ts';
import { PENDING } from '../states.ts';
import { sleep } from '../timers.ts';
import type { ResultDocument } from '../wire/result.ts';
import { fetchDocuments, isReady } from './documents.ts';
import { backendOf, type ReadingSource, type WaitOptions } from './source.ts';

/** Ids read in one look; of more than these, each look takes the next ones. */
const MOST_PER_LOOK = 1000;
/** Between looks at a backend that tells: what was not told, because a connection was lost, is seen then. */
const SAFETY_MS = 10_000;

/** What is waited for, and what is looked at meanwhile without being waited for. */
export interface Awaited {
  readonly wanted: Iterable<string>;
  readonly aside: Iterable<string>;
}

export type Ending = readonly [id: string, document: ResultDocument];

/**
 * Yields each of both as it ends, what is looked at aside first; is done when all that is wanted has ended. Whoever stops reading
 * ends the wait, and nothing is left running.
 *
 * @throws TimeoutError, BackendGetError, the reason of the signal, ImproperlyConfigured without a backend
 */
export async function* endings(awaited: Awaited, source: ReadingSource, options: WaitOptions): AsyncGenerator<Ending, void> {
  const { timeout, interval = 0.5, signal } = options;
  const { clock } = source;
  const backend = backendOf(source);
  const wanted = new Set(awaited.wanted);
  const aside = new Set(awaited.aside);
  const sizes = { all: wanted.size, largest: Math.max(wanted.size, aside.size) };
  const giveUpAt = timeout === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeout * 1000;
  const everyMs = Math.max(interval * 1000, backend.watch === undefined ? 1 : SAFETY_MS);

  const told: ResultDocument[] = [];
  const alarm = createAlarm();
  signal?.throwIfAborted();
  const stop = await backend.watch?.([...wanted, ...take(aside)], (document) => {
    told.push(document);
    alarm.ring();
  });
  try {
    let state = PENDING;
    let firstLooks = Math.ceil(sizes.largest / MOST_PER_LOOK);
    let nextLook = clock.now();
    for (;;) {
      signal?.throwIfAborted();
      const isLook = clock.now() >= Math.min(nextLook, giveUpAt);
      const seen = isLook ? await readSome([...take(aside), ...take(wanted)]) : [];
      signal?.throwIfAborted();
      let ended = 0;
      for (const [id, document] of [...told.splice(0).map(asEnding), ...seen]) {
        if (wanted.has(id)) state = document.status;
        if (!isReady(document) || !(aside.delete(id) || wanted.delete(id))) continue;
        ended += 1;
        yield [id, document];
      }
      if (wanted.size === 0) return;
      if (isLook) {
        firstLooks -= 1;
        // What many looks are needed for is looked at without a pause while that brings something.
        const goesOn = firstLooks > 0 || (ended > 0 && Math.max(wanted.size, aside.size) > MOST_PER_LOOK);
        nextLook = clock.now() + (goesOn ? 0 : everyMs);
        if (goesOn) continue;
      }
      if (told.length > 0) continue;
      // Whoever was given an ending may have ended the wait.
      signal?.throwIfAborted();
      const now = clock.now();
      if (now >= giveUpAt) throw tooLate(wanted, sizes.all, timeout, state);
      await alarm.wait(clock, Math.min(nextLook, giveUpAt) - now, signal);
    }
  } finally {
    // What was waited for is known by now, or why it is not: that the watch could not be ended changes neither.
    await stop?.().catch(() => undefined);
  }

  async function readSome(ids: readonly string[]): Promise<Ending[]> {
    const documents = await fetchDocuments(backend, ids);
    return ids.flatMap((id, index) => {
      const document = documents[index];
      return document === undefined ? [] : [[id, document] as const];
    });
  }
}

const asEnding = (document: ResultDocument): Ending => [document.task_id, document];

/** The first ids, which go to the end. */
function take(ids: Set<string>): string[] {
  if (ids.size <= MOST_PER_LOOK) return [...ids];
  const first: string[] = [];
  for (const id of ids) if (first.push(id) === MOST_PER_LOOK) break;
  for (const id of first) {
    ids.delete(id);
    ids.add(id);
  }
  return first;
}

/** A pause that can be cut short. */
function createAlarm() {
  let ring = (): void => {};
  return {
    ring: () => ring(),
    async wait(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
      const rung = new AbortController();
      ring = () => rung.abort();
      signal?.addEventListener('abort', ring);
      try {
        await sleep(clock, ms, rung.signal);
      } finally {
        signal?.removeEventListener('abort', ring);
      }
    },
  };
}

function tooLate(missing: ReadonlySet<string>, all: number, timeout: number | undefined, state: string): TimeoutError {
  const [id] = missing;
  return new TimeoutError(
    all === 1
      ? `The task ${id} has not ended within ${timeout} s; its state is ${state}.`
      : `${missing.size} of ${all} tasks have not ended within ${timeout} s; ${id} is one of them.`,
  );
}
