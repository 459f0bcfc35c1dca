/** Runs the function; every end becomes an Outcome and nothing is thrown (celery.app.trace, without its storing and publishing). */

import type { TaskContext } from '../app/context.ts';
import { type CurrentRun, runWithin } from '../app/current.ts';
import { bindArguments, type RegisteredTask } from '../app/registry.ts';
import { isCeleryError, type Reject } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { IGNORED, type Outcome } from './outcome.ts';
import type { Request } from './request.ts';

export async function trace(task: RegisteredTask, request: Request, run: CurrentRun, logger: Logger): Promise<Outcome> {
  try {
    const { args: given, kwargs, argsFault } = request.message;
    if (argsFault !== undefined) throw new TypeError(argsFault);
    const args = bindArguments(task, given, kwargs);
    const value = await runWithin(run, () =>
      task.defaults.bind === true ? task.run(createContext(request, logger), ...args) : task.run(...args),
    );
    return { state: 'SUCCESS', value };
  } catch (error) {
    return toOutcome(error);
  }
}

const createContext = (request: Request, logger: Logger): TaskContext => ({
  id: request.id,
  name: request.task,
  retries: request.retries,
  request,
  logger,
});

/** Steering errors are told by brand and name, so that another copy of the package steers as well. */
function toOutcome(error: unknown): Outcome {
  if (isCeleryError(error)) {
    if (error.name === 'Ignore') return IGNORED;
    if (error.name === 'Reject') {
      const { requeue, reason } = error as Reject;
      return { state: 'REJECTED', requeue, reason };
    }
  }
  return { state: 'FAILURE', error };
}
