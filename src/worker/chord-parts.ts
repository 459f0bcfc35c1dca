/** The parts of a chord as they end: each is counted, and whose part was the last sends the body (celery Backend.on_chord_part_return). */

import type { ChordComplete, ChordStore } from '../backends/backend.ts';
import { planOf } from '../canvas/planning.ts';
import { errorFields } from '../logger.ts';
import type { SignatureData } from '../wire/message.ts';
import type { EndedPart } from './chord-part.ts';
import { callFor, type Sending, sendPlans } from './sending.ts';
import type { Settling } from './settling.ts';
import { isUnwritable } from './unwritable.ts';

/** Counts the task that ran, where it is a part of a chord. Rejects when that is not certain: then it is to be asked again. */
export async function countOwnPart(settling: Settling, ended: Pick<EndedPart, 'state' | 'result'>): Promise<void> {
  const { id: taskId, group: groupId, groupIndex, message } = settling.request;
  const { chord: body } = message.embed;
  if (body !== null && groupId !== null) await countPart(settling, { taskId, groupId, groupIndex, body, ...ended });
}

export async function countParts(sending: Sending, ended: readonly EndedPart[]): Promise<void> {
  for (const part of ended) await countPart(sending, part);
}

/** A backend that counts no chords has `celery.chord_unlock` look for them: there is nothing to tell it. */
async function countPart(sending: Sending, { body, ...part }: EndedPart): Promise<void> {
  const { backend, settings } = sending.parts;
  const chords = backend?.chords;
  if (chords === undefined) return;
  const count = await chords.count({ ...part, size: body.chord_size ?? undefined, expiresSeconds: settings.resultExpires });
  if (count.state !== 'complete') return;
  const { state: _, ...complete } = count;
  await completeChord(sending, chords, complete, body);
}

/** The chord ends last: until then whoever completed it is told so again, and does all of this again. */
async function completeChord(sending: Sending, chords: ChordStore, complete: ChordComplete, body: SignatureData): Promise<void> {
  let isSent: boolean;
  try {
    const join = await chords.join(complete);
    isSent = join.ok;
    if (join.ok) await sendBody(sending, body, join.results);
    else {
      const { failForPart } = await import('./chord-failure.ts');
      await countParts(sending, await failForPart(sending, body, join));
    }
  } catch (error) {
    await release(sending, chords, complete);
    throw error;
  }
  await chords.end(complete, isSent ? 'sent' : 'failed');
}

/** Sends the body with what the header came to. What can never be sent fails with a ChordError. */
export async function sendBody(sending: Sending, body: SignatureData, results: readonly unknown[]): Promise<void> {
  const { parts, run } = sending;
  // Ids within the body are named after it, whichever part was the last.
  const id = body.options['task_id'];
  try {
    const call = callFor(parts, typeof id === 'string' ? id : run.id, 'body');
    await sendPlans(sending, [planOf(body, { ...call, args: [results] })]);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    const { failForBody } = await import('./chord-failure.ts');
    await countParts(sending, await failForBody(sending, body, error));
  }
}

/** That it was not released is no loss: whoever completed the chord is told so again. */
async function release({ parts, run }: Sending, chords: ChordStore, complete: ChordComplete): Promise<void> {
  try {
    await chords.release?.(complete);
  } catch (error) {
    parts.logger.warn({ message: 'chord not released', group: complete.groupId, id: run.id, error: errorFields(error) });
  }
}
