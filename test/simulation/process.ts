/**
 * A process of the simulated world: a Lambda sandbox, or one that publishes. It has its own clock, and all that reaches it from outside,
 * answers and timers, comes through `deliver`: a frozen one gets it later, a dead one never.
 */

import type { Clock } from '../../src/clock.ts';
import { meet } from './fates.ts';
import type { Weather } from './faults.ts';
import { running } from './globals.ts';
import type { Kernel } from './kernel.ts';
import { pointOf } from './points.ts';
import type { Random } from './random.ts';

/** One piece of work of a process: what a handler was invoked with, or what is published. */
export interface Invocation {
  readonly process: Process;
  /** Its own chance: ids, jitter. */
  readonly random: Random;
  /** Requests under way. */
  open: number;
  /** What went wrong while it ran. */
  readonly disturbances: string[];
  /** Nobody waits for its answer any more. */
  abandoned: boolean;
  /** When Lambda ends it; undefined for what is published. */
  endsMs: number | undefined;
  /** Keys of the claims whose tasks it has called. */
  readonly called: Set<string>;
}

/** On whose behalf AWS does something. */
export interface Applying {
  readonly process: Process;
  readonly invocation: Invocation | undefined;
  /** When it was asked for: it may be done long after. */
  readonly askedMs: number;
  /** What was asked for, like `dynamodb.PutItem(result)`, and for whom. */
  readonly point: string;
  readonly key: string;
}

export interface ProcessWorld {
  readonly kernel: Kernel;
  readonly weather: Weather;
  /** What a message's body is about, for short. */
  nameOf(body: string): string;
  /** Does a request, on a process's behalf. */
  apply(by: Applying, apply: () => unknown): unknown;
  counts: { calls: number; kills: number; freezes: number };
}

interface Asked {
  readonly point: string;
  readonly key: string;
  readonly apply: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly by: Invocation | undefined;
}

export class Process {
  readonly name: string;
  readonly clock: Clock;
  state: 'up' | 'frozen' | 'dead' = 'up';
  /** What was under way when it was frozen or killed last. */
  readonly invocations = new Set<Invocation>();
  wasFrozen = false;
  onKilled: (why: string) => void = () => {};
  onFrozen: () => void = () => {};
  readonly #world: ProcessWorld;
  #backlog: (() => void)[] = [];

  constructor(name: string, skewMs: number, world: ProcessWorld) {
    this.name = name;
    this.#world = world;
    const { kernel } = world;
    this.clock = {
      now: () => kernel.nowMs + skewMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (!(ms > 0) || signal?.aborted === true) return resolve();
          const timer = kernel.after(ms, () => this.deliver(resolve));
          signal?.addEventListener('abort', () => {
            timer.cancelled = true;
            resolve();
          });
        }),
    };
  }

  deliver(run: () => void): void {
    if (this.state === 'up') run();
    else if (this.state === 'frozen') this.#backlog.push(run);
  }

  kill(why: string): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    this.#backlog = [];
    this.#world.counts.kills += 1;
    this.disturb(why);
    this.#world.kernel.note(this.name, `is dead: ${why}`);
    this.onKilled(why);
  }

  freeze(why: string): void {
    if (this.state !== 'up') return;
    this.state = 'frozen';
    this.wasFrozen = true;
    this.#world.counts.freezes += 1;
    this.disturb(why);
    this.#world.kernel.note(this.name, `stands still: ${why}`);
    this.onFrozen();
  }

  /** It goes on where it was, all at once. */
  thaw(): void {
    if (this.state !== 'frozen') return;
    this.state = 'up';
    this.#world.kernel.note(this.name, 'goes on');
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const run of backlog) this.deliver(run);
  }

  /** A request to one of AWS's services, as the engine lets it be. */
  readonly request = (operation: string, apply: () => unknown, input: unknown): Promise<unknown> => {
    const { point, key } = pointOf(operation, input, this.#world.nameOf);
    return this.call(point, key, apply);
  };

  /** Anything that takes time and can go wrong. Of a process that is dead by now nothing leaves, of one that stands still later. */
  call(point: string, key: string, apply: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => this.#begin({ point, key, apply, resolve, reject, by: running.getStore() }));
  }

  #begin(asked: Asked): void {
    if (this.state === 'up') this.#fated(asked);
    else this.deliver(() => this.#begin(asked));
  }

  #fated(asked: Asked): void {
    const world = this.#world;
    const { kernel, weather, counts } = world;
    const { point, key, by, resolve, reject } = asked;
    // What a task itself waits for is its own.
    const counted = point.startsWith('task') ? undefined : by;
    counts.calls += 1;
    const applying: Applying = { process: this, invocation: by, askedMs: kernel.nowMs, point, key };
    const fate = weather.fate(point, key, kernel.nowMs);
    kernel.note(this.name, fate.kind === undefined ? `${point} ${key}` : `${point} ${key} — ${fate.kind}`);
    if (counted !== undefined) counted.open += 1;
    if (fate.kind !== undefined) by?.disturbances.push(`${point} ${fate.kind}`);
    const answer = (how: () => void): void =>
      this.deliver(() => {
        if (counted !== undefined) counted.open -= 1;
        how();
      });
    meet(fate, {
      service: point.slice(0, point.indexOf('.')),
      after: (ms, run) => kernel.after(ms, run),
      act: () => outcomeOf(() => world.apply(applying, asked.apply), resolve, reject),
      answer,
      fail: reject,
      kill: (why) => this.kill(why),
      freeze: (why) => this.freeze(why),
      whenUp: (run) => this.deliver(run),
    });
  }

  disturb(why: string): void {
    for (const invocation of this.invocations) invocation.disturbances.push(why);
  }
}

/** Done now; what the answer will be is known, and it is given later. */
function outcomeOf(apply: () => unknown, resolve: (value: unknown) => void, reject: (error: unknown) => void): () => void {
  try {
    const value = apply();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error);
  }
}
