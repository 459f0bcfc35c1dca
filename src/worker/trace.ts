/** Runs the function within its limits; every end becomes an Outcome and nothing is thrown (celery.app.trace, without its storing and publishing). */

import type { StateUpdate, TaskContext } from '../app/context.ts';
import { runWithin } from '../app/current.ts';
import { bindArguments, type RegisteredTask } from '../app/registry.ts';
import { Replaced } from '../app/replaced.ts';
import { decideRetry, type Retry, type RetryOptions } from '../app/retry.ts';
import { isCeleryError, type Reject } from '../errors.ts';
import { errorFields, type Logger } from '../logger.ts';
import { IGNORED, type Outcome } from './outcome.ts';
import type { Settling } from './settling.ts';
import { taskLogger } from './task-logger.ts';
import { TaskSignal } from './task-signal.ts';
import type { TimeLimits } from './time-limits.ts';

export async function trace(task: RegisteredTask, settling: Settling, limits: TimeLimits): Promise<Outcome> {
  const { request, run, parts } = settling;
  try {
    const { args: received, kwargs, argsFault } = request.message;
    if (argsFault !== undefined) throw new TypeError(argsFault);
    const args = bindArguments(task, received, kwargs);
    const signal = task.defaults.bind === true ? new TaskSignal() : undefined;
    const given = runWithin(run, () =>
      signal === undefined ? task.run(...args) : task.run(createContext(task, settling, signal), ...args),
    );
    if (!isThenable(given)) return { state: 'SUCCESS', value: given };
    // A query of knex or mongoose is run by each call of its `then`: it is called once. A promise stays the one it is.
    const work = Promise.resolve(given);
    let needsNoAlarm = limits.soft === undefined && limits.hard === undefined;
    const ended = (): void => {
      needsNoAlarm = true;
    };
    work.then(ended, ended);
    // A function that waited for nothing has ended by the next turn, and needs no alarms.
    await undefined;
    if (needsNoAlarm) return { state: 'SUCCESS', value: await work };
    const { untilLimits } = await import('./time-out.ts');
    return { state: 'SUCCESS', value: await untilLimits(work, limits, signal, run, parts.clock) };
  } catch (error) {
    return toOutcome(error) ?? (await autoretry(task, settling, error)) ?? { state: 'FAILURE', error };
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

function createContext(task: RegisteredTask, settling: Settling, taskSignal: TaskSignal): TaskContext {
  const { request, run, parts } = settling;
  let added = 0;
  const retry = ({ throw: throws = true, ...options }: RetryOptions & { throw?: boolean } = {}): Retry => {
    const decided = decideRetry(request, task.defaults, options);
    if (throws) throw decided;
    // A run that was given up sends nothing more.
    if (!run.over) run.retry = decided;
    return decided;
  };
  const self: TaskContext = {
    id: request.id,
    name: request.task,
    retries: request.retries,
    idempotencyKey: request.idempotencyKey,
    request,
    get logger() {
      return taskLogger(parts.logger, request);
    },
    get signal() {
      return taskSignal.signal;
    },
    retry: retry as TaskContext['retry'],
    replace(signature) {
      throw new Replaced(signature);
    },
    addToChord: (signature) => {
      const count = added++;
      return heeded(
        parts.logger,
        import('./add-to-chord.ts').then(({ addToChord }) => addToChord(settling, signature, count)),
      );
    },
    updateState: ((update: StateUpdate) =>
      heeded(
        parts.logger,
        import('./update-state.ts').then(({ updateState }) => updateState(settling, update)),
      )) as TaskContext['updateState'],
  };
  settling.claim?.offer(self);
  return self;
}

/** A promise that a task does not wait for ends no process when it rejects; whoever waits is told all the same. */
function heeded<T>(logger: Logger, work: Promise<T>): Promise<T> {
  work.catch((error: unknown) => logger.warn({ message: 'what a task asked of its worker failed', error: errorFields(error) }));
  return work;
}

/** The outcome a steering error stands for. They are told by brand and name, so that another copy of the package steers as well. */
function toOutcome(error: unknown): Outcome | undefined {
  if (!isCeleryError(error)) return undefined;
  if (error.name === 'Ignore') return IGNORED;
  if (error.name === 'Replaced') return { state: 'REPLACED', signature: (error as Replaced).signature };
  if (error.name === 'Retry') return { state: 'RETRY', retry: error as Retry };
  if (error.name !== 'Reject') return undefined;
  const { requeue, reason } = error as Reject;
  return { state: 'REJECTED', requeue, reason };
}

/** The retry that the task's options ask for; a failure when none is left. */
async function autoretry(task: RegisteredTask, { request, run }: Settling, error: unknown): Promise<Outcome | undefined> {
  if (run.over || task.defaults.autoretryFor === undefined) return undefined;
  const { autoretryOf } = await import('./autoretry.ts');
  const options = autoretryOf(task.defaults, error, request.retries);
  if (options === undefined) return undefined;
  try {
    return { state: 'RETRY', retry: decideRetry(request, task.defaults, options) };
  } catch (exceeded) {
    return { state: 'FAILURE', error: exceeded };
  }
}
