/**
 * One call of an operation: signed, sent, and sent again at once where SQS says that the clock or the credentials were behind. Other
 * failures are tried again only when that was asked for: the publisher and the poller have policies of their own.
 */

import type { Clock } from '../../clock.ts';
import { sleep } from '../../timers.ts';
import { mayPass } from '../sqs/failures.ts';
import { type AnswerError, type Fields, toAnswerError, toFields } from './answers.ts';
import type { CredentialSource, SqsFetchCredentials } from './credentials.ts';
import type { Headers, Http, HttpAnswer } from './http.ts';
import type { Place } from './place.ts';
import { type Signer, toStamp } from './signature.ts';

/** A connection gone silent is noticed after so long, beyond what a long poll waits on purpose. */
const REQUEST_MS = 10_000;

/** Full jitter: up to so long before the second attempt, twice that before the third, and so on. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 20_000;

/** The clock may be off by so much before a signature is refused for it; AWS's limit is 5 minutes. */
const SKEW_MS = 4 * 60_000;

const SKEWED = new Set([
  'InvalidSignatureException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException']);

export interface CallOptions {
  /** How long SQS waits on purpose before it answers. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** With its input, or that as JSON. Rejects with what SQS answered, or with what kept the request from it. */
export type Call = (operation: string, input: object | string, options?: CallOptions) => Promise<Fields>;

export interface CallerParts {
  readonly place: Place;
  readonly credentials: CredentialSource;
  readonly signer: Signer;
  readonly http: Http;
  readonly clock: Clock;
  readonly maxAttempts: number;
  readonly random?: () => number;
}

export function createCaller({ place, credentials, signer, http, clock, maxAttempts, random = Math.random }: CallerParts): Call {
  /** How far AWS's clock is ahead of ours, once that has mattered. */
  let offsetMs = 0;

  const post = async (
    operation: string,
    body: string,
    identity: SqsFetchCredentials,
    options: CallOptions,
    aheadMs: number,
  ): Promise<HttpAnswer> => {
    const stamp = toStamp(clock.now() + aheadMs);
    const headers = toHeaders(place.host, operation, stamp, identity.sessionToken);
    const authorization = await signer.sign({ method: 'POST', path: place.path, headers, body }, identity, stamp);
    const timeoutMs = REQUEST_MS + (options.waitMs ?? 0);
    return http.post({ headers: [...headers, ['authorization', authorization]], body, timeoutMs, signal: options.signal });
  };

  /** Takes over AWS's time when that is why the request was refused, be it that another request has meanwhile. */
  const corrects = ({ name }: AnswerError, answer: HttpAnswer, aheadMs: number): boolean => {
    const theirs = SKEWED.has(name) ? Date.parse(answer.header('date') ?? '') : Number.NaN;
    if (!(Math.abs(theirs - clock.now() - aheadMs) >= SKEW_MS)) return false;
    offsetMs = theirs - clock.now();
    return true;
  };

  const attempt = async (operation: string, body: string, options: CallOptions): Promise<Fields> => {
    /** Of our clock as it was before it was set. */
    let beforeMs: number | undefined;
    let mayRenew = true;
    for (;;) {
      const identity = await credentials.current();
      options.signal?.throwIfAborted();
      const aheadMs = offsetMs;
      const answer = await post(operation, body, identity, options, aheadMs);
      if (answer.status < 300) return toFields(answer);
      const error = toAnswerError(withoutToken(answer, identity));
      if (beforeMs === undefined && corrects(error, answer, aheadMs)) beforeMs = aheadMs;
      else if (mayRenew && EXPIRED.has(error.name) && (await credentials.renew(identity))) mayRenew = false;
      else {
        // It was not the clock, or the date was wrong.
        if (beforeMs !== undefined && SKEWED.has(error.name)) offsetMs = beforeMs;
        throw error;
      }
    }
  };

  return async (operation, input, options = {}) => {
    const body = typeof input === 'string' ? input : JSON.stringify(input);
    for (let failures = 1; ; failures++) {
      try {
        return await attempt(operation, body, options);
      } catch (error) {
        if (failures >= maxAttempts || options.signal?.aborted === true || !mayPass(error)) throw error;
        await sleep(clock, random() * Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS), options.signal);
      }
    }
  };
}

/** Of a signature that does not match AWS tells the request that it got, the session token among it. */
function withoutToken(answer: HttpAnswer, { sessionToken }: SqsFetchCredentials): HttpAnswer {
  return sessionToken === undefined ? answer : { ...answer, text: answer.text.replaceAll(sessionToken, '***') };
}

/** Sorted, for each of them is signed. With `x-amzn-query-mode` errors carry the codes of the older protocol, as the SDK asks for. */
function toHeaders(host: string, operation: string, stamp: string, sessionToken: string | undefined): Headers {
  const before = [
    ['content-type', 'application/x-amz-json-1.0'],
    ['host', host],
    ['x-amz-date', stamp],
  ] as const;
  const after = [
    ['x-amz-target', `AmazonSQS.${operation}`],
    ['x-amzn-query-mode', 'true'],
  ] as const;
  return sessionToken === undefined ? [...before, ...after] : [...before, ['x-amz-security-token', sessionToken], ...after];
}
