import { expect, it } from 'vitest';
import { heldUntil } from '../../../src/ledgers/ledger.ts';

it('a claim ends with the time that remains and the skew, five minutes unless told otherwise', () => {
  expect(heldUntil(1000, 30_000, 500)).toBe(31_500);
  expect(heldUntil(1000, 30_000, 0)).toBe(31_000);
  expect(heldUntil(1000, 30_000)).toBe(331_000);
});

it('a claim with no time left ends after the skew', () => {
  expect([0, -1, -1e9].map((remainingMs) => heldUntil(1000, remainingMs, 500))).toEqual([1500, 1500, 1500]);
});

it('is taken over by no clock that is five minutes fast before the holder is dead', () => {
  const deadAt = 1000 + 30_000;
  expect(deadAt - 1 + 300_000).toBeLessThan(heldUntil(1000, 30_000));
  expect(deadAt + 300_000).toBeGreaterThanOrEqual(heldUntil(1000, 30_000));
});
