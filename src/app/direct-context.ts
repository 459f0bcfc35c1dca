/** `self` of a bound task that is called directly, as a plain function: there is no message (celery's called_directly). */

import type { Logger } from '../logger.ts';
import type { TaskContext } from './context.ts';
import { decideRetry, type RetryOptions } from './retry.ts';
import type { TaskRequest } from './task-request.ts';

export function createDirectContext(name: string, logger: Logger): TaskContext {
  const id = crypto.randomUUID();
  const request: TaskRequest = {
    id,
    task: name,
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
  };
  const attempt = { name, id, retries: 0, argsrepr: '', kwargsrepr: '', calledDirectly: true };
  return {
    id,
    name,
    retries: 0,
    request,
    logger,
    signal: new AbortController().signal,
    retry: ((options: RetryOptions = {}) => decideRetry(attempt, {}, options)) as TaskContext['retry'],
  };
}
