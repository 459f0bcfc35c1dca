/** Completes a chord where the backend counts none: looks until the whole header has ended, then sends the body (celery.chord_unlock). */

import type { TaskContext } from '../../app/context.ts';
import type { ResultBackend } from '../../backends/backend.ts';
import { ChordError, ImproperlyConfigured, isCeleryError, Reject } from '../../errors.ts';
import { errorFields } from '../../logger.ts';
import { PROPAGATE_STATES, READY_STATES } from '../../states.ts';
import type { SignatureData } from '../../wire/message.ts';
import { isTuple, type ResultDocument, type ResultTuple } from '../../wire/result.ts';
import { errorRepr, failBody, failForPart } from '../chord-failure.ts';
import { countParts, sendBody } from '../chord-parts.ts';
import type { Sending } from '../sending.ts';
import { type BuiltIn, Given, sendingFor } from './built-in.ts';

const NAMES = ['group_id', 'callback', 'interval', 'max_retries', 'result'];

/** Seconds, at least: whoever sends the message must not have it go round without a pause. */
const MIN_INTERVAL = 1;

/** Documents that are asked for at a time: the first one that is missing ends the look. */
const SLICE = 100;

export const chordUnlock: BuiltIn = (parts) => ({
  // It looks every second, and what it does it may do twice: nothing to be remembered.
  defaults: { ignoreResult: true, maxRetries: null, idempotent: false },
  async run(self, ...all) {
    const given = new Given(all, NAMES);
    const body = given.signature('callback');
    const header = given.array('result').filter(isTuple);
    const { backend, settings } = parts;
    if (backend === undefined)
      throw new ImproperlyConfigured('celery.chord_unlock needs the backend that the results of its chord are in.');
    const sending = sendingFor(parts);
    const again = (exc?: unknown): Promise<never> =>
      lookAgain(self, sending, body, {
        countdown: Math.max(MIN_INTERVAL, given.number('interval') ?? settings.resultChordRetryInterval),
        maxRetries: given.number('max_retries') ?? null,
        ...(exc !== undefined && { exc }),
      });
    let found: ReadonlyMap<string, ResultDocument> | undefined;
    try {
      found = await lookAt(header, backend);
    } catch (error) {
      return await again(error);
    }
    return found === undefined ? await again() : await orBack(sending, () => complete(sending, body, header, found));
  },
});

/** The documents of all tasks of the header; undefined while one has not ended. */
async function lookAt(header: readonly ResultTuple[], backend: ResultBackend): Promise<ReadonlyMap<string, ResultDocument> | undefined> {
  const ids = [...new Set(header.flatMap(leavesOf))];
  const found = new Map<string, ResultDocument>();
  for (let start = 0; start < ids.length; start += SLICE) {
    const slice = ids.slice(start, start + SLICE);
    const documents = (await backend.fetchMany?.(slice)) ?? (await Promise.all(slice.map((id) => backend.fetch(id))));
    for (const [place, document] of documents.entries()) {
      if (document === undefined || !READY_STATES.has(document.status)) return undefined;
      found.set(slice[place]!, document);
    }
  }
  return found;
}

const leavesOf = ([[id], members]: ResultTuple): readonly string[] => (members === null ? [id] : members.flatMap(leavesOf));

async function complete(
  sending: Sending,
  body: SignatureData,
  header: readonly ResultTuple[],
  found: ReadonlyMap<string, ResultDocument>,
): Promise<null> {
  const taskId = header.flatMap(leavesOf).find((id) => PROPAGATE_STATES.has(found.get(id)!.status));
  if (taskId === undefined) {
    await sendBody(
      sending,
      body,
      header.map((result) => joined(result, found)),
    );
  } else {
    const { result: exception, traceback } = found.get(taskId)!;
    await countParts(sending, await failForPart(sending, body, { ok: false, taskId, exception, traceback }));
  }
  return null;
}

function joined([[id], members]: ResultTuple, found: ReadonlyMap<string, ResultDocument>): unknown {
  return members === null ? found.get(id)!.result : members.map((member) => joined(member, found));
}

/** Looks again after a while. When it may not, nobody ever looks again, and the body fails. */
async function lookAgain(
  self: TaskContext,
  sending: Sending,
  body: SignatureData,
  options: { readonly countdown: number; readonly maxRetries: number | null; readonly exc?: unknown },
): Promise<never> {
  try {
    return self.retry(options);
  } catch (error) {
    if (isCeleryError(error) && error.name === 'Retry') throw error;
    const failure = new ChordError(`chord_unlock could not be retried: ${errorRepr(error)}`, { cause: error });
    await orBack(sending, async () => countParts(sending, await failBody(sending, body, failure, error)));
    throw error;
  }
}

/** What goes wrong around the chord is no failure of this task: its message is given back, and all of it done again. */
async function orBack<T>({ parts, run }: Sending, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    parts.logger.warn({ message: 'chord not completed', id: run.id, error: errorFields(error) });
    throw new Reject(error, { requeue: true });
  }
}
