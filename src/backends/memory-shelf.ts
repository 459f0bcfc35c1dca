/** Values in memory that are gone when their time is up. */

import type { Clock } from '../clock.ts';
import type { Keeping } from './backend.ts';

export interface MemoryShelf<Value> {
  get(id: string): Value | undefined;
  /** Without `keeping` the value is kept for ever. */
  set(id: string, value: Value, keeping?: Keeping): void;
  remove(id: string): void;
  entries(): IterableIterator<readonly [string, Value]>;
  /** Lets go of what is gone. */
  cleanup(): void;
}

export function createMemoryShelf<Value>(clock: Clock): MemoryShelf<Value> {
  const kept = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  const cleanup = (): void => {
    const nowMs = clock.now();
    for (const [id, { untilMs }] of kept) if (untilMs <= nowMs) kept.delete(id);
  };
  return {
    get(id) {
      const found = kept.get(id);
      return found === undefined || found.untilMs <= clock.now() ? undefined : found.value;
    },
    set(id, value, keeping) {
      kept.set(id, { value, untilMs: untilMsOf(clock, keeping) });
    },
    remove(id) {
      kept.delete(id);
    },
    *entries() {
      cleanup();
      for (const [id, { value }] of kept) yield [id, value] as const;
    },
    cleanup,
  };
}

/** Celery takes 0 for no expiry. */
function untilMsOf(clock: Clock, keeping: Keeping | undefined): number {
  const seconds = keeping?.expiresSeconds ?? 0;
  return seconds > 0 ? clock.now() + seconds * 1000 : Number.POSITIVE_INFINITY;
}
