/** Chords before their header is sent: noted where the backend counts, else watched by `celery.chord_unlock` (celery Backend.apply_chord). */

import { allEnded } from '../all-ended.ts';
import type { PlannedChord, PlannedTask } from '../canvas/plan.ts';
import { ImproperlyConfigured } from '../errors.ts';
import type { Connected } from './connection.ts';
import type { Call } from './message-fields.ts';

/** Seconds before the first look (celery chord.run). */
const FIRST_LOOK = 1;

/** What is to be sent besides the header: nothing where the backend counts. @throws ImproperlyConfigured without a backend */
export function chordCalls(
  chords: readonly PlannedChord[],
  { backend }: Connected,
  queueOf: (body: PlannedTask) => string,
): readonly Call[] {
  if (chords.length === 0) return [];
  if (backend === undefined) {
    throw new ImproperlyConfigured(
      'A chord needs a backend, which is where its parts are counted: give app.connect one, like createDynamoDBBackend(), here and in its workers.',
    );
  }
  return backend.chords === undefined ? chords.map((chord) => toUnlock(chord, queueOf(chord.body))) : [];
}

/** Notes the chords with the backend that counts them. */
export async function noteChords(chords: readonly PlannedChord[], { backend }: Connected, expiresSeconds: number | null): Promise<void> {
  const store = backend?.chords;
  if (store === undefined) return;
  await allEnded(chords.map(({ groupId, size, header }) => store.begin({ groupId, size, header, expiresSeconds })));
}

/** The task that looks until the header is done. Its id follows from the chord's, so that noting a chord again makes no second one. */
function toUnlock({ groupId, header, body, interval, maxRetries }: PlannedChord, queue: string): Call {
  const { priority } = body.options;
  return {
    name: 'celery.chord_unlock',
    args: [groupId, body],
    kwargs: { interval: interval ?? null, max_retries: maxRetries ?? null, result: header[1] ?? [] },
    options: {
      taskId: `${groupId}-unlock`,
      countdown: FIRST_LOOK,
      queue,
      ignoreResult: true,
      ...(typeof priority === 'number' && { priority }),
    },
    defaults: undefined,
  };
}
