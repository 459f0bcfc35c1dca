/** What is done with a message of one task: built on first use and kept (celery.worker.strategy). Gate, run, settle. */

import type { CurrentRun } from '../app/current.ts';
import type { RegisteredTask } from '../app/registry.ts';
import type { Delivery } from '../transports/transport.ts';
import type { TaskMessage } from '../wire/message.ts';
import { askGate } from './gate.ts';
import { Request } from './request.ts';
import { type Settled, settle, settleExpired, settleUnknown, storeStarted } from './settle.ts';
import { trace } from './trace.ts';
import { wait } from './wait.ts';
import type { WorkerParts } from './worker-parts.ts';

export type Strategy = (message: TaskMessage, delivery: Delivery) => Promise<Settled>;

/** The strategy of a registered task. */
export function createStrategy(task: RegisteredTask, parts: WorkerParts): Strategy {
  return async (message, delivery) => {
    const request = new Request(message, delivery, parts.worker.hostname);
    const gate = askGate(message.headers, parts.clock.now());
    if (!gate.open) {
      if ('expired' in gate) return await settleExpired(task, request, parts);
      return { state: 'WAITING', disposition: await wait(delivery, request.id, gate.etaMs, parts) };
    }
    const run: CurrentRun = { id: request.id, rootId: request.rootId, children: undefined };
    await storeStarted(task, request, parts);
    const outcome = await trace(task, request, run, parts.logger);
    return await settle(task, request, outcome, run, parts);
  };
}

/** The strategy for a name nobody registered. Celery looks at neither eta nor expiry of such a message, nor do we. */
export function createUnknownStrategy(parts: WorkerParts): Strategy {
  return async (message, delivery) => await settleUnknown(new Request(message, delivery, parts.worker.hostname), parts);
}
