/** An end as the ledger remembers it, so that a task that was delivered again need not run to be settled. */

import { Retry, type RetryOptions } from '../app/retry.ts';
import type { AnySignature } from '../canvas/step.ts';
import { formatIso } from '../wire/dates.ts';
import { decodeException, encodeException } from '../wire/exception.ts';
import { readJson } from '../wire/json-read.ts';
import { writeJson } from '../wire/json-write.ts';
import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { RESULT_LIMITS, type ResultTuple } from '../wire/result.ts';
import { readSignature } from '../wire/signature.ts';
import type { Outcome } from './outcome.ts';
import { tracebackOf } from './stored-errors.ts';

/** Another signature was sent in the task's place. */
export const REPLACED = 'REPLACED';

/** How a run ended, or why it was not to be. */
export type End = Outcome | { readonly state: 'REVOKED'; readonly why: 'expired' | 'revoked' };

/** What is settled again, and with what. */
export interface Remembered {
  readonly end: End;
  /** A next attempt that was asked for beside the end. */
  readonly retry: Retry | undefined;
  readonly children: ResultTuple[] | undefined;
}

export interface Record {
  /** The attempt that noted it, and may note more. */
  readonly token: string;
  /** Undefined once all that follows it has been sent and stored. */
  readonly remembered: Remembered | undefined;
  /** How it ended, where all is sent and stored. */
  readonly followed?: string;
}

/** Longer texts are not kept: an item of DynamoDB takes 400 kB, and a character may be three of them. */
const LONGEST_TEXT = 100_000;

/** Undefined where it cannot be written, or takes too much room. */
export function writeRecord(token: string, { end, retry, children }: Remembered, nowMs: number): string | undefined {
  try {
    const text = writeJson(
      {
        token,
        end: endToData(end, nowMs),
        ...(retry !== undefined && { retry: retryToData(retry, nowMs) }),
        ...(children !== undefined && { children }),
      },
      RESULT_LIMITS,
    );
    return text.length > LONGEST_TEXT ? undefined : text;
  } catch {
    return undefined;
  }
}

/** All of it is sent and stored: that is kept, and how it ended. */
export const writeFollowed = (token: string, state: string): string => writeJson({ token, followed: state });

/** Undefined for what this cannot read: another version's. */
export function readRecord(text: string | undefined): Record | undefined {
  if (text === undefined) return undefined;
  const data = readJson(text, RESULT_LIMITS);
  if (!isRecord(data) || typeof data['token'] !== 'string') return undefined;
  const { token, end, retry, children } = data as { token: string; end?: unknown; retry?: unknown; children?: ResultTuple[] };
  if (!isRecord(end)) return { token, remembered: undefined, ...(typeof data['followed'] === 'string' && { followed: data['followed'] }) };
  return { token, remembered: { end: endFromData(end), retry: isRecord(retry) ? retryFromData(retry) : undefined, children } };
}

/** How it ended, whether or not all of it is sent and stored. */
export const endOf = (record: Record | undefined): string | undefined => record?.followed ?? record?.remembered?.end.state;

type Data = Readonly<globalThis.Record<string, unknown>>;

function endToData(end: End, nowMs: number): Data {
  if (end.state === 'FAILURE') return { state: end.state, ...errorToData(end.error) };
  if (end.state === 'RETRY') return { state: end.state, retry: retryToData(end.retry, nowMs) };
  if (end.state === 'REPLACED') return { state: end.state, signature: end.signature.toData() };
  if (end.state === 'REJECTED') return { state: end.state, reason: end.reason === undefined ? null : reasonText(end.reason) };
  return end.state === 'SUCCESS' ? { state: end.state, value: end.value ?? null } : { ...end };
}

function endFromData(data: Data): End {
  const { state } = data;
  if (state === 'FAILURE') return { state, error: errorFromData(data) };
  if (state === 'RETRY') return { state, retry: retryFromData(data['retry'] as Data) };
  if (state === 'REPLACED') return { state, signature: signatureOf(readSignature(data['signature'])) };
  if (state === 'REJECTED') return { state, requeue: false, reason: data['reason'] ?? undefined };
  if (state === 'REVOKED') return { state, why: data['why'] === 'expired' ? 'expired' : 'revoked' };
  return state === 'IGNORED' ? { state } : { state: 'SUCCESS', value: data['value'] };
}

const errorToData = (error: unknown): Data => ({ exception: encodeException(error), traceback: tracebackOf(error) });
const errorFromData = ({ exception, traceback }: Data): unknown => decodeException(exception, traceback as string | null);
const reasonText = (reason: unknown): string => (reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));

/** A delay counts from now on, whenever it is read. */
function retryToData({ options }: Retry, nowMs: number): Data {
  const { countdown, exc, expires, ...kept } = options;
  return {
    ...kept,
    ...(countdown !== undefined && { eta: formatIso(nowMs + countdown * 1000) }),
    ...(expires !== undefined && { expires: typeof expires === 'number' ? formatIso(nowMs + expires * 1000) : expires }),
    ...(exc !== undefined && { exc: errorToData(exc) }),
  };
}

function retryFromData({ exc, ...options }: Data): Retry {
  return new Retry({ ...(options as RetryOptions), ...(isRecord(exc) && { exc: errorFromData(exc) }) });
}

/** Of a signature that is sent in a task's place nothing is asked but its data. */
const signatureOf = (data: SignatureData): AnySignature => ({ toData: () => data });
