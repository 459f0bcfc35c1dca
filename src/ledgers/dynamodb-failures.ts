/** What went wrong in DynamoDB, in the names of our error tree, and whether the same request may succeed later. */

import { BackendGetError, BackendStoreError, type CeleryError, isCeleryError } from '../errors.ts';

export interface Request {
  /** The API's name of it, which is also the IAM permission's. */
  readonly action: string;
  readonly tableName: string;
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
  'ExpiredTokenException',
  'InternalServerError',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionConflictException',
]);

export const isConditionFailure = (error: unknown): boolean => seen(error).name === 'ConditionalCheckFailedException';

export function toGetFailure(error: unknown, request: Request): CeleryError {
  return isCeleryError(error) ? error : new BackendGetError(told(seen(error), request), { cause: error });
}

export function toStoreFailure(error: unknown, request: Request): CeleryError {
  return isCeleryError(error) ? error : new BackendStoreError(told(seen(error), request), { cause: error });
}

function seen(error: unknown): SdkError {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}

function told(error: SdkError, { action, tableName }: Request): string {
  const what = `dynamodb:${action} on table '${tableName}'`;
  switch (error.name) {
    case 'ResourceNotFoundException':
      return `${what} found no such table; create it with the string key 'id', or correct tableName or region.`;
    case 'AccessDeniedException':
      return `${what} was denied; the role needs dynamodb:${action}.`;
    default: {
      const outlook = mayPass(error) ? 'the same request may succeed later' : 'trying again will not help';
      return `${what} failed, ${outlook}: ${String(error.name ?? 'Error')}: ${String(error.message)}`;
    }
  }
}

/** Throttling and 5xx pass, other answers stand. Without an answer it was the way there: time-outs, lost connections. */
function mayPass({ name, $fault, $retryable, $metadata }: SdkError): boolean {
  if ($retryable !== undefined || PASSING.has(String(name))) return true;
  const status = $metadata?.httpStatusCode;
  return status === undefined ? $fault !== 'client' : status >= 500 || status === 429 || status === 408;
}
