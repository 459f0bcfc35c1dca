/** An end that is an error: stored, and then what it comes to. Apart from store-state.ts, as most runs end otherwise. */

import { type Disposition, REQUEUE } from './disposition.ts';
import type { Settled, Settling } from './settling.ts';
import { store } from './store-state.ts';

/** Stores the state with its error, and ends with the disposition once that is done. */
export async function settleError(settling: Settling, state: string, error: unknown, disposition: Disposition): Promise<Settled> {
  const failed = await store(settling, { state, error });
  if (failed !== undefined) return { state, disposition: REQUEUE, error: failed, isOpen: true };
  return error === undefined ? { state, disposition } : { state, disposition, error };
}
