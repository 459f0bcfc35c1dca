/**
 * Sends a task over HTTP (a function URL, or API Gateway's payload 2.0): POST { task, args, countdown? } gives 202 { id }.
 * Only the tasks named here can be sent, and only with arguments of their kind.
 */

import middy from '@middy/core';
import { EncodeError, MessageTooLarge, OperationalError, type TaskRef } from 'celeriac';
import { logger } from './app.ts';
import { add, fail, flaky, mul, poison, slow } from './tasks.ts';

interface HttpEvent {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly http: { readonly method: string } };
}

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Longest wait that a caller may ask for, in seconds: a day. */
const MAX_COUNTDOWN = 86_400;

type Send = (options: { countdown?: number }) => Promise<{ readonly id: string }>;
type Check<T> = (value: unknown) => value is T;

const isNumber: Check<number> = (value): value is number => Number.isFinite(value);
const isText: Check<string> = (value): value is string => typeof value === 'string';

const tasks = new Map<string, (args: readonly unknown[]) => Send | undefined>([
  ['add', accept(add, isNumber, isNumber)],
  ['mul', accept(mul, isNumber, isNumber)],
  ['slow', accept(slow, isNumber)],
  ['flaky', accept(flaky, isText)],
  ['fail', accept(fail, isText)],
  ['poison', accept(poison)],
]);

/** What sends the task with these arguments, or undefined when they are not of its kind. */
function accept<A extends unknown[]>(task: TaskRef<A, unknown>, ...checks: { [I in keyof A]-?: Check<A[I]> }) {
  return (args: readonly unknown[]): Send | undefined =>
    args.length === checks.length && args.every((value, index) => checks[index]?.(value))
      ? (options) => task.applyAsync(args as A, options)
      : undefined;
}

async function enqueue(event: HttpEvent): Promise<HttpAnswer> {
  if (event.requestContext.http.method !== 'POST') return answer(405, { error: 'POST { task, args, countdown? }.' }, { allow: 'POST' });
  const order = readOrder(event);
  if (typeof order === 'string') return answer(400, { error: order });
  try {
    const { id } = await order.send(order.options);
    return answer(202, { id });
  } catch (error) {
    return answerFailure(error);
  }
}

/** What to send, or a text that says what is wrong with the request. */
function readOrder(event: HttpEvent): { send: Send; options: { countdown?: number } } | string {
  const order = readJson(event);
  if (typeof order !== 'object' || order === null) return 'The body is to be a JSON object { task, args, countdown? }.';
  const { task, args = [], countdown } = order as { task?: unknown; args?: unknown; countdown?: unknown };
  const known = isText(task) ? tasks.get(task) : undefined;
  if (known === undefined) return `'task' is to be one of ${[...tasks.keys()].join(', ')}.`;
  const send = Array.isArray(args) ? known(args) : undefined;
  if (send === undefined) return `'args' is to be a list of the arguments of '${String(task)}'.`;
  if (countdown === undefined) return { send, options: {} };
  if (!isNumber(countdown) || countdown < 0 || countdown > MAX_COUNTDOWN)
    return `'countdown' is to be a number of seconds from 0 to ${MAX_COUNTDOWN}.`;
  return { send, options: { countdown } };
}

function readJson(event: HttpEvent): unknown {
  const body = event.body ?? '';
  try {
    return JSON.parse(event.isBase64Encoded ? Buffer.from(body, 'base64').toString() : body);
  } catch {
    return undefined;
  }
}

/** What the caller can mend or wait out is told to the caller; anything else fails the invocation, and is logged by it. */
function answerFailure(error: unknown): HttpAnswer {
  if (error instanceof MessageTooLarge) return answer(413, { error: error.message });
  if (error instanceof EncodeError) return answer(400, { error: error.message });
  if (!(error instanceof OperationalError && error.retryable)) throw error;
  logger.error({ message: 'the queue did not accept a task', error: error.message });
  return answer(503, { error: 'The queue did not accept the task; try again.' }, { 'retry-after': '1' });
}

function answer(statusCode: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { statusCode, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

export const handler = middy(enqueue);
