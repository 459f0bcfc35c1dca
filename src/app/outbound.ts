/** What becomes of a message before it leaves, where the app is connected for it: too large a one is put elsewhere, then it is signed. */

import { allEnded } from '../all-ended.ts';
import { isFifo, type Transport } from '../transports/transport.ts';
import type { Connected } from './connection.ts';
import type { Departure } from './deliver.ts';

/** Of each transport the end of what was prepared last for a FIFO queue, and of all before it. */
const turns = new WeakMap<Transport, Promise<unknown>>();

/** @throws OperationalError, MessageTooLarge */
export async function prepare(departures: readonly Departure[], connected: Connected): Promise<readonly Departure[]> {
  const { transport } = connected;
  const prepared = allEnded(departures.map((departure) => prepareOne(departure, connected)));
  if (departures.some(({ outgoing }) => isFifo(outgoing.queue))) {
    // What takes longer, as a large message does, is not overtaken by what was asked for later.
    const turn = Promise.allSettled([turns.get(transport), prepared]).then(() => undefined);
    turns.set(transport, turn);
    await turn;
  }
  return await prepared;
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
