/** What the worker logs: one line per record and end, with names, ids and times; never argument or result values. */

import { isPrivate } from '../app/sensitive.ts';
import { errorFields, type Logger, type LogLine } from '../logger.ts';
import { FAILURE, REVOKED, SUCCESS } from '../states.ts';
import type { Delivery } from '../transports/transport.ts';
import type { TaskMessage } from '../wire/message.ts';
import { isAcknowledged } from './disposition.ts';
import type { Settled } from './settling.ts';
import type { WorkerParts } from './worker-parts.ts';

type Known = Pick<WorkerParts, 'registry' | 'settings'>;

/** @param known what is known of the tasks here: of a task that keeps its values to itself only the error's name and place are said */
export function logSettled(
  logger: Logger,
  message: TaskMessage,
  delivery: Delivery,
  settled: Settled,
  runtimeMs: number,
  known: Known,
): void {
  const { task, id, root_id: rootId, parent_id: parentId, retries = 0 } = message.headers;
  const line: LogLine = {
    message: sentence(settled),
    state: settled.state,
    task,
    id,
    rootId: rootId ?? id,
    parentId: parentId ?? null,
    retries: settled.retries ?? retries,
    queue: delivery.queue,
    messageId: delivery.messageId,
    receiveCount: delivery.receiveCount,
    runtimeMs,
    acknowledged: isAcknowledged(settled.disposition),
    ...(settled.error !== undefined && { error: errorFields(settled.error, isDiscreet(task, known)) }),
  };
  if (settled.state === FAILURE) logger[settled.isExpected === true ? 'info' : 'error'](line);
  else if (settled.error !== undefined && settled.state !== REVOKED) logger.warn(line);
  else logger.info(line);
}

/** Celery's own tasks run others, and an unknown one may be anybody's: they say no more than the most discreet task here. */
function isDiscreet(task: string, { registry, settings }: Known): boolean {
  const own = registry.get(task);
  if (own !== undefined) return isPrivate(own.defaults, settings);
  return registry.names().some((name) => isPrivate(registry.get(name)?.defaults, settings));
}

function sentence({ state, disposition, error }: Settled): string {
  const returned = isAcknowledged(disposition) ? '' : ', message given back';
  if (state === 'NOT_STARTED') return `task not started for lack of time${returned}`;
  if (state === 'KILLER') return `task ends its workers${returned || ', message quarantined'}`;
  return `task ${verb(state, error)}${returned}`;
}

function verb(state: string, error: unknown): string {
  if (state === SUCCESS) return 'succeeded';
  if (state === FAILURE) return 'failed';
  return state === REVOKED && error instanceof Error ? error.message : state.toLowerCase();
}

/** Something went wrong around the task, not in it; the message is given back. */
export function logTrouble(logger: Logger, delivery: Delivery, error: unknown): void {
  const { queue, messageId, receiveCount } = delivery;
  logger.error({ message: 'message given back', queue, messageId, receiveCount, acknowledged: false, error: errorFields(error) });
}
