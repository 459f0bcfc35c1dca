/** What a run is claimed by: the task's id with whatever makes another run of it a rightful one, and a digest of what is to run. */

import { createHash } from 'node:crypto';
import { DEAD_LETTER, REDRIVEN_ATTRIBUTE, textIn } from '../app/dead-letter-attributes.ts';
import { writeJson } from '../wire/json-write.ts';
import { RESULT_LIMITS } from '../wire/result.ts';
import type { Request } from './request.ts';

/**
 * The task's id for its first attempt. A retry, a replacement and a message sent back from a dead-letter queue have the id as well and are to
 * run: their keys say what they are. Attempts that hold their message have one key, for each lets go of it.
 */
export function claimKeyOf(request: Request, isSigned: boolean): string {
  return keyOf(request, request.message.headers.retries, redrivenOf(request, isSigned));
}

/** What the run was claimed by that this one was sent back from; undefined for what was not sent back. */
export function diedKeyOf(request: Request, isSigned: boolean): string | undefined {
  const redriven = redrivenOf(request, isSigned);
  if (redriven === undefined) return undefined;
  const died = typeof redriven === 'string' ? / (\d+)$/.exec(redriven)?.[1] : undefined;
  return keyOf(request, died === undefined ? request.message.headers.retries : Number(died), undefined);
}

function keyOf({ id, message }: Request, retries = 0, redriven: unknown): string {
  const { replaced_task_nesting: nesting = 0 } = message.headers;
  if (retries === 0 && nesting === 0 && redriven === undefined) return id;
  return JSON.stringify([id, retries, nesting, redriven ?? null]);
}

interface Delivered {
  readonly message: Pick<Request['message'], 'properties'>;
  readonly delivery: Request['delivery'];
}

/** What a task's starts are counted under: sent back from a dead-letter queue it starts with a clean sheet. */
export function attemptIdOf(id: string, delivered: Delivered, isSigned: boolean): string {
  const redriven = redrivenOf(delivered, isSigned);
  return redriven === undefined ? id : JSON.stringify([id, redriven]);
}

/** Which dead letter it was, if it was one. */
function redrivenOf({ message, delivery }: Delivered, isSigned: boolean): unknown {
  return message.properties[REDRIVEN_ATTRIBUTE] ?? (isSigned ? undefined : redrivenIn(delivery));
}

/** Whether it bears the marks of a dead message, and none that counts as signed. */
export const isMovedBack = ({ message, delivery }: Delivered): boolean =>
  message.properties[REDRIVEN_ATTRIBUTE] === undefined && redrivenIn(delivery) !== undefined;

/** Whoever sent it back says so; SQS, which moves messages by itself, leaves the marks of the dead message on it. */
function redrivenIn({ attributes, messageId }: Request['delivery']): string | undefined {
  if (attributes === undefined) return undefined;
  return textIn(attributes, REDRIVEN_ATTRIBUTE) ?? (Object.hasOwn(attributes, DEAD_LETTER.code) ? messageId : undefined);
}

/** Of the task's name and arguments alone: who publishes a task twice may do so with another eta, origin or reply_to. */
export function payloadOf({ task, message }: Request): string {
  const text = writeJson([task, message.args, sorted(message.kwargs)], RESULT_LIMITS);
  return createHash('sha256').update(text).digest('base64url');
}

const sorted = (kwargs: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] =>
  Object.entries(kwargs).sort(([a], [b]) => (a < b ? -1 : 1));
