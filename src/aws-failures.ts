/** What went wrong in DynamoDB or S3, in the names of our error tree, and whether the same request may succeed later. */

import { BackendGetError, BackendStoreError, type CeleryError, isCeleryError } from './errors.ts';

/** A request that was made. */
export interface AwsRequest {
  /** The IAM permission's name, like `dynamodb:GetItem`. */
  readonly permission: string;
  /** What it was made on, like `table 'celery'`. */
  readonly on: string;
  /** Answers that have more to say, by name: what was found and what to do. */
  readonly hints: ReadonlyMap<string, string>;
}

/** The parts of an SDK error that are looked at. */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly $fault?: unknown;
  readonly $retryable?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Answered with a status of 400, and yet they pass. */
const PASSING = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'RequestTimeout',
  'ThrottlingException',
  'TransactionConflictException',
]);

export function toGetFailure(error: unknown, request: AwsRequest): CeleryError {
  return isCeleryError(error) ? error : new BackendGetError(told(error, request), { cause: error });
}

export function toStoreFailure(error: unknown, request: AwsRequest): CeleryError {
  return isCeleryError(error) ? error : new BackendStoreError(told(error, request), { cause: error });
}

/** Reading is a part of storing, and its failure a failure to store. */
export function ofStoring(error: unknown): Error {
  if (error instanceof Error && error.name !== 'BackendGetError') return error;
  return new BackendStoreError(error instanceof Error ? error.message : String(error), { cause: error });
}

/** Every write was refused, as others had written meanwhile. */
export function contended(taskId: string): BackendStoreError {
  return new BackendStoreError(`The result of task ${taskId} was not stored: others write it again and again.`);
}

/** The name of what AWS answered, like `NoSuchKey`. */
export function answerName(error: unknown): string {
  return String(seen(error).name ?? 'Error');
}

/** The status of what AWS answered; undefined without an answer. */
export function answerStatus(error: unknown): number | undefined {
  return seen(error).$metadata?.httpStatusCode;
}

function seen(error: unknown): SdkError {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}

function told(error: unknown, { permission, on, hints }: AwsRequest): string {
  const name = answerName(error);
  const hint = hints.get(name);
  if (hint !== undefined) return `${permission} on ${on} ${hint}`;
  const outlook = mayPass(seen(error)) ? 'the same request may succeed later' : 'trying again will not help';
  return `${permission} on ${on} failed, ${outlook}: ${name}: ${String(seen(error).message)}`;
}

/** Throttling and 5xx pass, other answers stand. Without an answer it was the way there: time-outs, lost connections. */
function mayPass({ name, $fault, $retryable, $metadata }: SdkError): boolean {
  if ($retryable !== undefined || PASSING.has(String(name))) return true;
  const status = $metadata?.httpStatusCode;
  return status === undefined ? $fault !== 'client' : status >= 500 || status === 429 || status === 408;
}
