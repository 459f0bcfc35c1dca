/**
 * What went wrong in SQS, in the names of our error tree, and whether the same request may succeed later. What is not known is
 * taken for a passing fault: trying again costs a few requests, giving up costs a task.
 */

import { type CeleryError, isCeleryError, OperationalError, QueueNotFound } from '../../errors.ts';
import type { SqsFailedEntry } from './api.ts';

export interface Attempt {
  /** The IAM permission that it needs, like `sqs:SendMessage`. */
  readonly action: string;
  readonly queue: string;
  readonly sqsName?: string;
}

const NOT_FOUND = new Set(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']);

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'KmsAccessDenied', 'KMS.AccessDeniedException']);

const THROTTLED = new Set([
  'KMS.ThrottlingException',
  'KmsThrottled',
  'OverLimit',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** Answered with a status of 400, and yet they pass: another attempt is signed anew, with new credentials or the right time. */
const PASSING = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'RequestTimeout', 'RequestTimeTooSkewed']);

/** The parts of an SDK error that are looked at. */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly $fault?: unknown;
  readonly $retryable?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
}

/** A request that failed as a whole. */
export function toFailure(error: unknown, attempt: Attempt): CeleryError {
  if (isCeleryError(error)) return error;
  const known = seen(error);
  const codes = codesOf(known);
  if (isAny(codes, NOT_FOUND)) return notFound(attempt, error);
  if (isAny(codes, DENIED)) return denied(attempt, error, codes);
  const text = `${told(attempt)} failed: ${codes[0] ?? 'Error'}: ${withoutToken(String(known.message))}`;
  return new OperationalError(text, { retryable: mayPass(error), cause: error });
}

/** Whether the same request may succeed later. */
export function mayPass(error: unknown): boolean {
  if (isCeleryError(error)) return error instanceof OperationalError && error.retryable;
  const known = seen(error);
  const codes = codesOf(known);
  if (isAny(codes, NOT_FOUND) || isAny(codes, DENIED)) return false;
  return isAny(codes, THROTTLED) || isAny(codes, PASSING) || mayPassByStatus(known);
}

/** Of a signature that does not match SQS tells the request that it expected, the session token among it. */
function withoutToken(message: string): string {
  return message.replace(/(x-amz-security-token:)[^\s']+/gi, '$1***');
}

/** One entry of a batch that SQS did not take, though it took the request. */
export function toEntryFailure({ SenderFault, Code, Message }: SqsFailedEntry, attempt: Attempt): OperationalError {
  const retryable = SenderFault !== true || THROTTLED.has(Code ?? '');
  return new OperationalError(`${told(attempt)} was refused for one message: ${Code ?? 'no code'}: ${Message ?? 'no reason'}`, {
    retryable,
  });
}

/** An entry that SQS's answer does not mention at all. */
export function unanswered(attempt: Attempt): OperationalError {
  return new OperationalError(`${told(attempt)} was answered without a word on one message; it may have been queued or not.`, {
    retryable: true,
  });
}

/** Throttling and 5xx pass, other answers of SQS stand. Without an answer it was the way there: time-outs, lost connections. */
function mayPassByStatus({ $fault, $retryable, $metadata }: SdkError): boolean {
  if ($retryable !== undefined || $metadata?.clockSkewCorrected === true) return true;
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return $fault !== 'client';
  return status >= 500 || status === 429 || status === 408 || status < 400;
}

function seen(error: unknown): SdkError {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}

function codesOf({ name, Code, code }: SdkError): readonly string[] {
  return [name, Code, code].filter((one) => typeof one === 'string');
}

function isAny(codes: readonly string[], set: ReadonlySet<string>): boolean {
  return codes.some((code) => set.has(code));
}

function told({ action, queue }: Attempt): string {
  return `${action} on queue '${queue}'`;
}

function notFound({ queue, sqsName }: Attempt, cause: unknown): QueueNotFound {
  if (sqsName === undefined) return new QueueNotFound(queue, { cause });
  return new QueueNotFound(queue, {
    cause,
    hint: `SQS knows no '${sqsName}' in this region and account, or the role lacks sqs:GetQueueUrl on it. Create it with the infrastructure, or correct the queue name, queueNamePrefix or region.`,
  });
}

function denied(attempt: Attempt, cause: unknown, codes: readonly string[]): OperationalError {
  const kms = codes.some((code) => code.toUpperCase().startsWith('KMS'));
  const wanted = kms ? 'kms:GenerateDataKey and kms:Decrypt on the queue’s key' : attempt.action;
  return new OperationalError(`${told(attempt)} was denied; the role needs ${wanted}.`, { retryable: false, cause });
}
