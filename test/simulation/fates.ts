/** How a request goes that has met its fate: when it is done, whether it is, and what its sender hears of it. */

import { sdkError } from './aws/index.ts';
import type { Fate, FaultKind } from './faults.ts';
import type { Timer } from './kernel.ts';

/** A request, and the process that makes it. */
export interface Fated {
  readonly service: string;
  /** Virtual time. */
  after(ms: number, run: () => void): Timer;
  /** Does it. @returns what hands its answer over */
  act(): () => void;
  /** Brings something to the process, if it is still there. */
  answer(how: () => void): void;
  fail(error: Error): void;
  kill(why: string): void;
  freeze(why: string): void;
  /** At once, or when the process goes on. */
  whenUp(run: () => void): void;
}

/** Milliseconds, on the way there and on the way back: at most as a rule, and where it is slow. */
const SHORT_MS = 12;
const LONG_MS = 6000;
/** When a client gives up on an answer. */
const CLIENT_TIMEOUT_MS = 3000;

interface Times {
  readonly thereMs: number;
  readonly backMs: number;
  /** From 0 to 1. */
  readonly slowness: number;
}

type Way = (request: Fated, times: Times) => void;

const answered =
  (waitMs: (times: Times) => number, error: (service: string) => Error): Way =>
  ({ after, answer, fail, service }, times) => {
    after(waitMs(times), () => answer(() => fail(error(service))));
  };

const atOnce = ({ thereMs, backMs }: Times): number => thereMs + backMs;
const atTimeOut = (): number => CLIENT_TIMEOUT_MS;

const inTime: Way = ({ after, act, answer }, { thereMs, backMs }) => {
  after(thereMs, () => {
    const how = act();
    after(backMs, () => answer(how));
  });
};

/** It is done, and nobody hears of it. */
const unheard =
  (doneMs: (times: Times) => number): Way =>
  ({ after, act }, times) => {
    after(doneMs(times), () => void act());
  };

const both =
  (...ways: readonly Way[]): Way =>
  (request, times) => {
    for (const way of ways) way(request, times);
  };

const killed: Way = ({ kill }) => kill('killed');
const frozen: Way = ({ freeze }) => freeze('frozen');
const failsAtOnce = answered(atOnce, internal);
const timesOut = answered(atTimeOut, timedOut);
const doneInTime = unheard(({ thereMs }) => thereMs);

const WAYS: Readonly<Record<FaultKind, Way>> = {
  throttled: answered(atOnce, throttled),
  refused: failsAtOnce,
  failed: failsAtOnce,
  unreached: timesOut,
  'done, then failed': both(doneInTime, failsAtOnce),
  'reply lost': both(doneInTime, timesOut),
  'done late': both(
    unheard(({ slowness }) => CLIENT_TIMEOUT_MS + slowness * LONG_MS),
    timesOut,
  ),
  slow: (request, { thereMs, backMs, slowness }) =>
    inTime(request, { thereMs: thereMs + slowness * LONG_MS, backMs: backMs + (1 - slowness) * LONG_MS, slowness }),
  killed,
  'killed, done': both(doneInTime, killed),
  // The request leaves when the process goes on.
  frozen: (request, times) => {
    request.freeze('frozen');
    request.whenUp(() => inTime(request, times));
  },
  'frozen, done': both(inTime, frozen),
  'out of memory': ({ kill }) => kill('out of memory'),
};

export function meet({ kind, there, back }: Fate, request: Fated): void {
  // Whole milliseconds: answers come together now and then, as they do.
  const times: Times = { thereMs: 1 + Math.floor(there * SHORT_MS), backMs: 1 + Math.floor(back * SHORT_MS), slowness: there };
  (kind === undefined ? inTime : WAYS[kind])(request, times);
}

function throttled(service: string): Error {
  if (service === 'sqs') return sdkError('RequestThrottled', 'The simulation throttles.');
  return sdkError('ThrottlingException', 'The simulation throttles.', service === 'scheduler' ? 429 : 400);
}

function internal(): Error {
  return sdkError('InternalServerError', 'The simulation fails.', 500);
}

/** Without an answer there is no status. */
function timedOut(): Error {
  const error = new Error('The simulation does not answer.');
  error.name = 'TimeoutError';
  return error;
}
