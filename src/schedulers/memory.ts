/** Waits kept in this process, for tests and local work; they are sent when it is asked for, through any transport. */

import { type Clock, systemClock } from '../clock.ts';
import type { Transport } from '../transports/transport.ts';
import { SCHEDULER_LIMITS } from './limits.ts';
import type { ScheduledWait, Scheduler } from './scheduler.ts';

export interface MemorySchedulerOptions {
  /** What the waits are sent through when their time has come. */
  readonly transport: Transport;
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

export interface MemoryScheduler extends Scheduler {
  /** What is waiting, by name. */
  readonly waits: ReadonlyMap<string, ScheduledWait>;
  /** Sends what is due, earliest first, and answers the names. Rejects with the first refusal; what was refused stays. */
  fire(): Promise<readonly string[]>;
}

/** @example app.connect({ transport, scheduler: createMemoryScheduler({ transport }) }) */
export function createMemoryScheduler({ transport, clock = systemClock }: MemorySchedulerOptions): MemoryScheduler {
  const waits = new Map<string, ScheduledWait>();
  return {
    limits: SCHEDULER_LIMITS,
    waits,
    async schedule(wait) {
      if (!waits.has(wait.name)) waits.set(wait.name, wait);
    },
    find: async (prefix) => Array.from(waits.keys()).filter((name) => name.startsWith(prefix)),
    async cancel(name) {
      waits.delete(name);
    },
    async fire() {
      const due = Array.from(waits.values())
        .filter(({ atMs }) => atMs <= clock.now())
        .sort((a, b) => a.atMs - b.atMs);
      for (const { name } of due) waits.delete(name);
      const receipts = await transport.send(due.map(({ name, atMs: _, ...message }) => ({ id: name, ...message })));
      const refused = receipts.flatMap((receipt, index) => (receipt.ok ? [] : [{ error: receipt.error, wait: due[index]! }]));
      for (const { wait } of refused) waits.set(wait.name, wait);
      if (refused[0] !== undefined) throw refused[0].error;
      return due.map(({ name }) => name);
    },
  };
}
