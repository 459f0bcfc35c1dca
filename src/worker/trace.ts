/** Runs the function within its limits; every end becomes an Outcome and nothing is thrown (celery.app.trace, without its storing and publishing). */

import type { TaskContext } from '../app/context.ts';
import { type CurrentRun, runWithin } from '../app/current.ts';
import { bindArguments, type RegisteredTask } from '../app/registry.ts';
import { decideRetry, type Retry, type RetryOptions } from '../app/retry.ts';
import type { Clock } from '../clock.ts';
import { isCeleryError, type Reject } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { withinLimits } from './deadline.ts';
import { IGNORED, type Outcome } from './outcome.ts';
import type { Request } from './request.ts';
import { taskLogger } from './task-logger.ts';
import { TaskSignal } from './task-signal.ts';
import type { TimeLimits } from './time-limits.ts';

/** What a run is given. */
export interface Tracing {
  readonly task: RegisteredTask;
  readonly request: Request;
  readonly run: CurrentRun;
  readonly limits: TimeLimits;
  readonly logger: Logger;
  readonly clock: Clock;
}

export async function trace(tracing: Tracing): Promise<Outcome> {
  const { task, request, run, limits, clock } = tracing;
  try {
    const { args: given, kwargs, argsFault } = request.message;
    if (argsFault !== undefined) throw new TypeError(argsFault);
    const args = bindArguments(task, given, kwargs);
    const signal = new TaskSignal();
    const ended = runWithin(run, () =>
      task.defaults.bind === true ? task.run(createContext(tracing, signal), ...args) : task.run(...args),
    );
    return { state: 'SUCCESS', value: isThenable(ended) ? await withinLimits(ended, limits, signal, run, clock) : ended };
  } catch (error) {
    return toOutcome(error) ?? (await autoretry(tracing, error)) ?? { state: 'FAILURE', error };
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

function createContext({ task, request, run, logger }: Tracing, taskSignal: TaskSignal): TaskContext {
  const retry = ({ throw: throws = true, ...options }: RetryOptions & { throw?: boolean } = {}): Retry => {
    const decided = decideRetry(request, task.defaults, options);
    if (throws) throw decided;
    // A run that was given up sends nothing more.
    if (!run.over) run.retry = decided;
    return decided;
  };
  return {
    id: request.id,
    name: request.task,
    retries: request.retries,
    request,
    get logger() {
      return taskLogger(logger, request);
    },
    get signal() {
      return taskSignal.signal;
    },
    retry: retry as TaskContext['retry'],
  };
}

/** The outcome a steering error stands for. They are told by brand and name, so that another copy of the package steers as well. */
function toOutcome(error: unknown): Outcome | undefined {
  if (!isCeleryError(error)) return undefined;
  if (error.name === 'Ignore') return IGNORED;
  if (error.name === 'Retry') return { state: 'RETRY', retry: error as Retry };
  if (error.name !== 'Reject') return undefined;
  const { requeue, reason } = error as Reject;
  return { state: 'REJECTED', requeue, reason };
}

/** The retry that the task's options ask for; a failure when none is left. */
async function autoretry({ task, request, run }: Tracing, error: unknown): Promise<Outcome | undefined> {
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
