/** Which deliveries may be the end of their worker: the ledger is asked how often each was started and never ended, before any of them is. */

import { type App, internalsOf } from '../app/app.ts';
import type { Delivery } from '../transports/transport.ts';
import { openEnvelope } from '../wire/envelope.ts';
import { attemptIdOf } from './claim-key.ts';

/** Of a message that nobody can tell about: not above suspicion, and not under more than any other. */
const UNKNOWN = 1;

/** Starts of each delivery that never ended, in their order; 1 where that cannot be known. Never rejects. */
export async function unfinishedStarts(app: App, deliveries: readonly Delivery[]): Promise<readonly number[]> {
  const { ledger, signing } = internalsOf(app).connected();
  const ids = deliveries.map((delivery) => idIn(delivery, signing !== undefined));
  const known = ids.filter((id) => id !== undefined);
  const starts = await ledger?.unfinished?.(known).catch(() => undefined);
  if (starts === undefined) return ids.map(() => UNKNOWN);
  const byId = new Map(known.map((id, index) => [id, starts[index]]));
  return ids.map((id) => (id === undefined ? UNKNOWN : (byId.get(id) ?? UNKNOWN)));
}

/** As `asAttempt` names it. A message whose id is in its body, or that is none, is not read for this. */
function idIn(delivery: Delivery, isSigned: boolean): string | undefined {
  try {
    const { headers, properties } = openEnvelope(delivery.body);
    const { id } = headers;
    return typeof id === 'string' ? attemptIdOf(id, { message: { properties }, delivery }, isSigned) : undefined;
  } catch {
    return undefined;
  }
}
