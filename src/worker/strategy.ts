/** What is done with a message of one task: built on first use and kept (celery.worker.strategy). Gate, run, settle. */

import type { RegisteredTask } from '../app/registry.ts';
import type { Delivery } from '../transports/transport.ts';
import type { TaskMessage } from '../wire/message.ts';
import { askGate } from './gate.ts';
import { Request } from './request.ts';
import { settle, settleExpired, settleUnknown, storeStarted } from './settle.ts';
import type { Settled, Settling } from './settling.ts';
import { trace } from './trace.ts';
import type { WorkerParts } from './worker-parts.ts';

export type Strategy = (message: TaskMessage, delivery: Delivery) => Promise<Settled>;

/** The strategy of a registered task. */
export function createStrategy(task: RegisteredTask, parts: WorkerParts): Strategy {
  return async (message, delivery) => {
    const settling = begin(task, message, delivery, parts);
    const { request, run } = settling;
    const gate = askGate(message.headers, parts.clock.now());
    if (!gate.open) return 'expired' in gate ? await settleExpired(settling) : await sendOn(settling, delivery, gate.etaMs);
    if (parts.backend !== undefined) await storeStarted(settling);
    return await settle(settling, await trace(task, request, run, parts.logger));
  };
}

/** The strategy for a name nobody registered. Celery looks at neither eta nor expiry of such a message, nor do we. */
export function createUnknownStrategy(parts: WorkerParts): Strategy {
  return async (message, delivery) => await settleUnknown(begin(undefined, message, delivery, parts));
}

function begin(task: RegisteredTask | undefined, message: TaskMessage, delivery: Delivery, parts: WorkerParts): Settling {
  const request = new Request(message, delivery, parts.worker.hostname);
  return { task, request, run: { id: request.id, rootId: request.rootId, children: undefined }, parts };
}

/** Too early: what waits is imported when something does. */
async function sendOn({ request, parts }: Settling, delivery: Delivery, etaMs: number): Promise<Settled> {
  const { wait } = await import('./wait.ts');
  return { state: 'WAITING', disposition: await wait(delivery, request.id, etaMs, parts) };
}
