import { describe, expect, it } from 'vitest';
import { median, noiseOf, toRow } from './statistics.ts';

describe('a median', () => {
  it('is the sample in the middle, or the mean of the two there', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });

  it('leaves its samples in their order', () => {
    const samples = [3, 1, 2];
    median(samples);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe('a row', () => {
  it('has the median of the ratios within a round, which is not the ratio of the medians', () => {
    // A slow machine in the third round slows down both.
    expect(toRow('ours', [2, 4, 30], [1, 2, 10])).toEqual({
      name: 'ours',
      value: 4,
      min: 2,
      max: 30,
      ratio: 2,
      minRatio: 2,
      maxRatio: 3,
    });
  });

  it('is not made of rounds that the base does not have', () => {
    expect(() => toRow('ours', [1, 2], [1])).toThrow('2 rounds cannot be compared with 1.');
  });
});

it('noise is how far the base is from itself', () => {
  expect(noiseOf([11, 9, 10], [10, 10, 10])).toEqual({ ratio: 1, minRatio: 0.9, maxRatio: 1.1 });
});
