/**
 * What went wrong in EventBridge Scheduler, in our own errors. What it refused for certain is told from what may have been done all
 * the same: after the first a wait may go another way, after the second it would be sent twice.
 */

import { type CeleryError, isCeleryError, OperationalError } from '../errors.ts';

const DENIED = new Set(['AccessDenied', 'AccessDeniedException']);
/** Answered with a status of 400, and yet they pass: by waiting, or with new credentials or the right time. */
const PASSING = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const PASSING_STATUS = new Set([408, 429]);

/** The parts of an SDK error that are looked at. */
interface SdkError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** True for the SDK's error of that name, whichever copy of the SDK made it. */
export function isNamed(error: unknown, name: string): boolean {
  return (error as SdkError | null | undefined)?.name === name;
}

/** @param action the IAM permission the request needs, like `scheduler:CreateSchedule` */
export function toFailure(error: unknown, action: string, group: string): CeleryError {
  if (isCeleryError(error)) return error;
  const known: SdkError = typeof error === 'object' && error !== null ? error : { message: String(error) };
  const name = typeof known.name === 'string' ? known.name : 'Error';
  const told = `${action} in schedule group '${group}'`;
  if (DENIED.has(name)) return refused(`${told} was denied; the caller's role needs it, and iam:PassRole on the schedule's role.`, error);
  if (name === 'ResourceNotFoundException') {
    return refused(`${told} failed: there is no such group; create it with the infrastructure, or correct the name or region.`, error);
  }
  const retryable = PASSING.has(name) || !isRefusal(known.$metadata?.httpStatusCode);
  return new OperationalError(`${told} failed: ${name}: ${answerOf(known)}`, { retryable, cause: error });
}

/** An answer to what it finds malformed quotes it: the message is in there. */
function answerOf({ message }: SdkError): string {
  const text = String(message);
  const from = text.indexOf("Value '");
  const to = text.lastIndexOf("' at '");
  return from < 0 || to < from ? text : `${text.slice(0, from)}A value${text.slice(to + 1)}`;
}

function refused(message: string, cause: unknown): OperationalError {
  return new OperationalError(message, { retryable: false, cause });
}

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && !PASSING_STATUS.has(status);
}
