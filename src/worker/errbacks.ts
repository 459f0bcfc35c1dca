/**
 * Errbacks, in both of Celery's styles (celery Backend._call_task_errbacks): a task that takes more than one argument is called here and
 * now with request, error and traceback; any other is sent, with the id of the task that failed.
 */

import { runWithin } from '../app/current.ts';
import { bindArguments, type RegisteredTask } from '../app/registry.ts';
import { isPrivate } from '../app/sensitive.ts';
import type { TaskRequest } from '../app/task-request.ts';
import { planOf } from '../canvas/planning.ts';
import { errorFields } from '../logger.ts';
import type { SignatureData } from '../wire/message.ts';
import { callFor, groupOf, type Sending, sendPlans } from './sending.ts';
import type { Limit } from './time-limits.ts';
import { isUnwritable } from './unwritable.ts';

/** What failed, and who is to be told. */
export interface Failing {
  readonly request: TaskRequest;
  readonly errbacks: readonly SignatureData[];
  readonly error: unknown;
  readonly traceback: string | null;
}

/** Calls and sends all. Rejects only when a send may go better later: what cannot be sent or goes wrong itself is logged. */
export async function callErrbacks(sending: Sending, failing: Failing): Promise<void> {
  const { parts } = sending;
  const { request, errbacks } = failing;
  const sent: SignatureData[] = [];
  for (const errback of errbacks) {
    const task = parts.registry.get(errback.task);
    if (task !== undefined && takesError(task, errback)) await callHere(task, errback, sending, failing);
    else sent.push(errback);
  }
  if (sent.length === 0) return;
  try {
    const options = { parent_id: request.id, root_id: request.rootId };
    await sendPlans(sending, [planOf(groupOf(sent), { ...callFor(parts, request.id, 'errbacks'), args: [request.id], options })]);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    parts.logger.error({ message: 'errbacks cannot be sent', id: request.id, error: errorFields(error) });
  }
}

/** Counted are the arguments that are left once those are given which the signature holds itself. */
function takesError(task: RegisteredTask, { immutable, args, kwargs }: SignatureData): boolean {
  if (task.defaults.bind === true) return false;
  const positional = task.params?.length ?? task.required;
  const held = immutable ? 0 : args.length + Object.keys(kwargs).filter((name) => task.params?.includes(name)).length;
  return (held > positional ? positional : positional - held) > 1;
}

async function callHere(task: RegisteredTask, errback: SignatureData, sending: Sending, failing: Failing): Promise<void> {
  const { parts, run } = sending;
  const { request, error, traceback } = failing;
  const args = errback.immutable ? errback.args : [request, error, traceback, ...errback.args];
  try {
    // What it sends has the failed task as its parent, and is none of its children: those are stored by now.
    const call = async (): Promise<unknown> => await task.run(...bindArguments(task, args, errback.kwargs));
    await untilEnd(runWithin({ ...run, over: false, children: undefined }, call), sending);
  } catch (cause) {
    parts.logger.error({
      message: 'errback failed',
      task: task.name,
      id: request.id,
      error: errorFields(cause, isPrivate(task.defaults, parts.settings)),
    });
  }
}

/** Kept of a receiver's last moments for what comes after an errback: half a second, or a fortieth of all it had where that is less. */
const RESERVE_MS = 500;
const RESERVE_SHARE = 0.025;

/** An errback that does not end is given up when its receiver's time is, so that the message is dealt with all the same. */
async function untilEnd(work: Promise<unknown>, { parts, run, request }: Sending): Promise<unknown> {
  const deadline = request?.delivery.deadline;
  if (deadline === undefined) return await work;
  const { untilLimits } = await import('./time-out.ts');
  const hard: Limit = { atMs: deadline.atMs - Math.min(RESERVE_MS, deadline.budgetMs * RESERVE_SHARE) };
  return await untilLimits(work, { soft: undefined, hard, deadline }, undefined, { ...run }, parts.clock);
}
