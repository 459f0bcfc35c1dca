import { describe, expect, it } from 'vitest';
import { UnderWay } from '../../../src/app/under-way.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Notes when it has resolved. */
function watched(promise: Promise<void> | undefined): { done: boolean } {
  const watch = { done: false };
  void promise?.then(() => {
    watch.done = true;
  });
  return watch;
}

describe('what is under way', () => {
  it('is nothing before anything was begun, and when all has ended', async () => {
    const underWay = new UnderWay();
    expect(underWay.all()).toBeUndefined();
    underWay.end(underWay.begin());
    expect(underWay.all()).toBeUndefined();
    const round = underWay.begin();
    const all = underWay.all();
    underWay.end(round);
    await all;
    await settled();
    expect(underWay.all()).toBeUndefined();
  });

  it('is waited for to its end, and not what is begun later', async () => {
    const underWay = new UnderWay();
    const [first, second] = [underWay.begin(), underWay.begin()];
    const all = watched(underWay.all());
    underWay.begin();
    underWay.end(first);
    await settled();
    expect(all.done).toBe(false);
    underWay.end(second);
    await settled();
    expect(all.done).toBe(true);
  });

  it('is waited for by whoever asks later as well', async () => {
    const underWay = new UnderWay();
    const first = underWay.begin();
    const once = watched(underWay.all());
    const again = watched(underWay.all());
    const second = underWay.begin();
    const both = watched(underWay.all());
    underWay.end(second);
    await settled();
    expect([once.done, again.done, both.done]).toEqual([false, false, false]);
    underWay.end(first);
    await settled();
    expect([once.done, again.done, both.done]).toEqual([true, true, true]);
  });
});
