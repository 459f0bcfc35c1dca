/** What becomes of a message before it leaves, where the app is connected for it: too large a one is put elsewhere, then it is signed. */

import { allEnded } from '../all-ended.ts';
import type { Connected } from './connection.ts';
import type { Departure } from './deliver.ts';

/** @throws OperationalError, MessageTooLarge */
export async function prepare(departures: readonly Departure[], connected: Connected): Promise<readonly Departure[]> {
  return await allEnded(departures.map((departure) => prepareOne(departure, connected)));
}

async function prepareOne(departure: Departure, { transport, largeMessages, signing, clock }: Connected): Promise<Departure> {
  let { outgoing } = departure;
  if (largeMessages !== undefined) {
    const { offload } = await import('../large-messages/offload.ts');
    outgoing = await offload(outgoing, departure.taskId, largeMessages, transport.limits);
  }
  if (signing !== undefined) {
    const { seal } = await import('../signing/seal.ts');
    outgoing = await seal(outgoing, { signing, transport, fromMs: Math.max(clock.now(), departure.dueMs ?? departure.etaMs ?? 0) });
  }
  return outgoing === departure.outgoing ? departure : { ...departure, outgoing };
}
