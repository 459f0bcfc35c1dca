/** `self` of a bound task that is called directly, as a plain function: there is no message (celery's called_directly). */

import { ImproperlyConfigured } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { TaskContext } from './context.ts';
import { decideRetry, type RetryOptions } from './retry.ts';
import type { TaskRequest } from './task-request.ts';

/** A request without a message: of a direct call, or of a task that was never sent. */
export function createDirectRequest(task: string, id: string, known: Partial<TaskRequest> = {}): TaskRequest {
  return {
    id,
    task,
    args: [],
    kwargs: {},
    retries: 0,
    eta: null,
    expires: null,
    rootId: id,
    parentId: null,
    group: null,
    groupIndex: null,
    correlationId: id,
    replyTo: null,
    origin: null,
    shadow: null,
    timeLimit: [null, null],
    ignoreResult: true,
    deliveryInfo: { exchange: '', routingKey: '', priority: 0, redelivered: false },
    stamps: {},
    stampedHeaders: [],
    headers: {},
    properties: {},
    queue: '',
    receiveCount: 0,
    messageId: '',
    hostname: '',
    calledDirectly: true,
    ...known,
  };
}

export function createDirectContext(name: string, logger: Logger): TaskContext {
  const id = crypto.randomUUID();
  const attempt = { name, id, retries: 0, argsrepr: '', kwargsrepr: '', calledDirectly: true };
  const refuse = (method: string): never => {
    throw new ImproperlyConfigured(
      `self.${method}() needs a message and a worker; '${name}' was called directly, as a function. Send it with applyAsync, in tests over an eager transport.`,
    );
  };
  return {
    id,
    name,
    retries: 0,
    request: createDirectRequest(name, id),
    idempotencyKey: id,
    logger,
    signal: new AbortController().signal,
    retry: ((options: RetryOptions = {}) => decideRetry(attempt, {}, options)) as TaskContext['retry'],
    replace: () => refuse('replace'),
    addToChord: async () => refuse('addToChord'),
    updateState: async () => refuse('updateState'),
  };
}
