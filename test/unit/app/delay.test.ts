import { describe, expect, it } from 'vitest';
import { planWait } from '../../../src/app/delay.ts';

const NOW = 1_900_000_000_000;
const plan = (ms: number, longest = 900) => planWait(NOW + ms, NOW, longest);

describe('a wait', () => {
  it.each([
    [-5000, { delaySeconds: 0, hops: false }],
    [0, { delaySeconds: 0, hops: false }],
    [1, { delaySeconds: 1, hops: false }],
    [1000, { delaySeconds: 1, hops: false }],
    [1001, { delaySeconds: 2, hops: false }],
    [899_000, { delaySeconds: 899, hops: false }],
    [900_000, { delaySeconds: 900, hops: false }],
    [900_001, { delaySeconds: 900, hops: true }],
    [901_000, { delaySeconds: 900, hops: true }],
    [43_200_000, { delaySeconds: 900, hops: true }],
    [31_536_000_000, { delaySeconds: 900, hops: true }],
  ])('of %i ms is planned never to end early', (ms, expected) => {
    expect(plan(ms)).toEqual(expected);
  });

  it('takes hops without delay where the transport has none', () => {
    expect(plan(5000, 0)).toEqual({ delaySeconds: 0, hops: true });
  });
});
