import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planWait, type Wait, type WaitPlan } from '../../../src/app/delay.ts';
import { SCHEDULER_LIMITS } from '../../../src/schedulers/limits.ts';

const NOW = 1_900_000_000_000;
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

const plan = (ms: number, more: Partial<Wait> = {}): WaitPlan =>
  planWait({ etaMs: NOW + ms, nowMs: NOW, fifo: false, longestDelaySeconds: 900, ...more });

const scheduler = SCHEDULER_LIMITS;
const now = { via: 'now' };
const delay = (seconds: number) => ({ via: 'delay', seconds });
const hop = { via: 'hop', seconds: 900 };
const hide = (seconds: number) => ({ via: 'hide', seconds });
const schedule = (ms: number) => ({ via: 'schedule', atMs: NOW + ms });

describe('a wait', () => {
  it.each([
    ['that is over', -5 * SECOND, now, now, now],
    ['of nothing', 0, now, now, now],
    ['of 1 ms', 1, delay(1), delay(1), hide(1)],
    ['of a second', SECOND, delay(1), delay(1), hide(1)],
    ['of 1001 ms', 1001, delay(2), delay(2), hide(2)],
    ['of 899 s', 899 * SECOND, delay(899), delay(899), hide(899)],
    ['of 900 s', 900 * SECOND, delay(900), delay(900), hide(900)],
    ['of 900 s and 1 ms', 900_001, hop, schedule(825 * SECOND), hide(901)],
    ['of 901 s', 901 * SECOND, hop, schedule(826 * SECOND), hide(901)],
    ['of 12 h less a second', 12 * HOUR - SECOND, hop, schedule(12 * HOUR - 76 * SECOND), hide(43_140)],
    ['of 12 h', 12 * HOUR, hop, schedule(12 * HOUR - 75 * SECOND), hide(43_140)],
    ['of 12 h and a second', 12 * HOUR + SECOND, hop, schedule(12 * HOUR - 74 * SECOND), hide(43_140)],
    ['of 14 days', 14 * DAY, hop, schedule(14 * DAY - 75 * SECOND), hide(43_140)],
    ['of a year', YEAR, hop, schedule(YEAR - 75 * SECOND), hide(43_140)],
    ['beyond what a timer can hold', 2 ** 31 * SECOND, hop, hop, hide(43_140)],
  ])('%s goes by hops, by a schedule, or hidden in a FIFO queue', (_which, ms, plain, scheduled, fifo) => {
    expect(plan(ms)).toEqual(plain);
    expect(plan(ms, { scheduler })).toEqual(scheduled);
    expect(plan(ms, { fifo: true })).toEqual(fifo);
    expect(plan(ms, { fifo: true, scheduler })).toEqual(fifo);
  });

  it('is hidden where the transport has no delay', () => {
    expect(plan(5000, { longestDelaySeconds: 0 })).toEqual(hide(5));
  });

  it('is scheduled for a body up to what the scheduler takes', () => {
    expect(plan(HOUR, { scheduler, bytes: scheduler.bodyBytes })).toMatchObject({ via: 'schedule' });
    expect(plan(HOUR, { scheduler, bytes: scheduler.bodyBytes + 1 })).toEqual(hop);
  });

  it('goes by hops when something beside the body has to arrive', () => {
    expect(plan(HOUR, { scheduler, hasAttributes: true })).toEqual(hop);
  });

  it('goes by hops until it is within the horizon of the scheduler', () => {
    const at = scheduler.horizonMs + 75 * SECOND;
    expect(plan(at, { scheduler })).toMatchObject({ via: 'schedule' });
    expect(plan(at + SECOND, { scheduler })).toEqual(hop);
  });

  it('is not scheduled so near that the moment may have passed', () => {
    const short = { scheduler, longestDelaySeconds: 60 };
    expect(plan(149 * SECOND, short)).toEqual({ via: 'hop', seconds: 60 });
    expect(plan(150 * SECOND, short)).toEqual(schedule(75 * SECOND));
  });

  it('is scheduled for the same moment whenever it is planned', () => {
    const etaMs = NOW + DAY + 123;
    const plans = [0, 1, HOUR + 7, 20 * HOUR].map((passed) =>
      planWait({ etaMs, nowMs: NOW + passed, fifo: false, longestDelaySeconds: 900, scheduler }),
    );
    expect(new Set(plans.map((each) => JSON.stringify(each))).size).toBe(1);
  });
});

const waits = fc.record({
  nowMs: fc.integer({ min: 0, max: NOW }),
  ms: fc.oneof(fc.integer({ min: -HOUR, max: 2 * YEAR }), fc.integer({ min: 890_000, max: 910_000 })),
  fifo: fc.boolean(),
  scheduled: fc.boolean(),
});

/** Follows the plans, each carried out as late as it may be, and answers when the task may start and how often it was moved. */
function follow({ nowMs, ms, fifo, scheduled }: { nowMs: number; ms: number; fifo: boolean; scheduled: boolean }, lateMs: number) {
  const etaMs = nowMs + ms;
  let at = nowMs;
  for (let moves = 0; ; moves += 1) {
    const next = planWait({ etaMs, nowMs: at, fifo, longestDelaySeconds: 900, scheduler: scheduled ? scheduler : undefined });
    if (next.via === 'now') return { etaMs, startMs: at, moves };
    at = next.via === 'schedule' ? next.atMs + lateMs : at + next.seconds * SECOND;
  }
}

describe('plans that are followed one after the other', () => {
  it('end less than a second after the eta, and never before', () => {
    fc.assert(
      fc.property(waits, fc.integer({ min: 0, max: 60_000 }), (wait, lateMs) => {
        const { etaMs, startMs } = follow(wait, lateMs);
        expect(startMs).toBeGreaterThanOrEqual(etaMs);
        if (wait.ms > 0) expect(startMs - etaMs).toBeLessThan(SECOND);
      }),
      { numRuns: 200 },
    );
  });

  it('take two moves with a scheduler, however long the wait', () => {
    expect(follow({ nowMs: NOW, ms: YEAR, fifo: false, scheduled: true }, 59_000).moves).toBe(2);
    expect(follow({ nowMs: NOW, ms: YEAR, fifo: false, scheduled: false }, 0).moves).toBe(35_040);
  });
});
