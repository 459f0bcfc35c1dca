/** What the tests of the simulated AWS are made of: an Env whose clock and chances the test has in hand, and a client that loses nothing. */

import { type Call, clientOf, type Env, type Machine, type SimClient } from './machine.ts';

export interface TestEnv extends Env {
  pass(seconds: number): void;
}

/** @param seed of chances that are the same each time (mulberry32); a list gives these first, and then 0.5 */
export function createEnv(seed: number | readonly number[] = 1, startMs = Date.UTC(2026, 0, 1)): TestEnv {
  let nowMs = startMs;
  const listed = typeof seed === 'number' ? undefined : [...seed];
  let state = typeof seed === 'number' ? seed : 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    now: () => nowMs,
    random: listed === undefined ? next : () => listed.shift() ?? 0.5,
    pass(seconds) {
      nowMs += seconds * 1000;
    },
  };
}

export const directly: Call = async (_point, apply) => apply();

export const directClient = (machine: Machine): SimClient => clientOf(machine, directly);

/** What a call throws, or undefined; with the fields that an SDK error has. */
export function thrownBy(call: () => unknown): ThrownError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return error as ThrownError;
  }
}

export interface ThrownError extends Error {
  readonly $fault?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly Item?: unknown;
  readonly CancellationReasons?: readonly { readonly Code: string }[];
}
