/** `self.addToChord()`: one part more for the chord that a task is a part of (celery Task.add_to_chord). */

import { planOf } from '../canvas/planning.ts';
import { chordAddition } from '../canvas/replacing.ts';
import { type AnySignature, dataOf } from '../canvas/step.ts';
import { ImproperlyConfigured, OperationalError } from '../errors.ts';
import type { AsyncResult } from '../results/async-result.ts';
import { replacedRequest } from './replaced-request.ts';
import { callFor, sendPlans } from './sending.ts';
import type { Settling } from './settling.ts';

/**
 * The chord is told before the part is sent, for the part may end at once. `count` numbers the parts a run adds: done again, it adds the
 * same ones.
 */
export async function addToChord(settling: Settling, signature: AnySignature, count: number): Promise<AsyncResult> {
  const { request, run, parts } = settling;
  if (run.over) {
    throw new OperationalError('Nothing is added to the chord: the task was given up at its time limit.', { retryable: false });
  }
  const { group } = request;
  if (request.message.embed.chord === null || group === null) {
    throw new ImproperlyConfigured(`The task '${request.task}' is part of no chord, so nothing can be added to one.`);
  }
  const grow = parts.backend?.chords?.grow;
  if (grow === undefined) {
    throw new ImproperlyConfigured('The chords of this backend cannot grow: self.addToChord needs one like createRedisBackend().');
  }
  const call = callFor(parts, request.id, `added ${count}`);
  const plan = planOf(chordAddition(replacedRequest(request), dataOf(signature, 'self.addToChord()'), call), call);
  await grow.call(parts.backend!.chords, group, plan.result);
  await sendPlans(settling, [plan]);
  return parts.asyncResult(plan.result[0][0]);
}
