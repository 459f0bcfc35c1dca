/**
 * The process's own chance and turns, replaced while a life is simulated: ids and jitter come from
 * its seed, and `setImmediate` from its kernel.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kernel } from './kernel.ts';
import type { Invocation } from './process.ts';
import { type Random, uuidFrom } from './random.ts';

/** On whose behalf code is running. */
export const running = new AsyncLocalStorage<Invocation>();

const real = { random: Math.random, now: Date.now, setImmediate: globalThis.setImmediate };

/** @param random for what is done on nobody's behalf @returns what puts everything back */
export function replaceGlobals(kernel: Kernel, random: Random): () => void {
  const own: Random = () => (running.getStore()?.random ?? random)();
  Math.random = own;
  Date.now = () => kernel.nowMs;
  Object.defineProperty(crypto, 'randomUUID', { configurable: true, writable: true, value: () => uuidFrom(own) });
  globalThis.setImmediate = ((work: () => void) => {
    const owner = running.getStore();
    if (owner === undefined) return kernel.atEndOfTurn(work);
    const inContext = AsyncLocalStorage.snapshot();
    kernel.atEndOfTurn(() => owner.process.deliver(() => inContext(work)));
  }) as never;
  return () => {
    Math.random = real.random;
    Date.now = real.now;
    globalThis.setImmediate = real.setImmediate;
    delete (crypto as { randomUUID?: unknown }).randomUUID;
  };
}
