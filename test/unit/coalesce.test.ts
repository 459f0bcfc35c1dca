import { describe, expect, it } from 'vitest';
import { coalesce } from '../../src/coalesce.ts';

/** Calls that end when told to. */
function recorder() {
  const calls: { items: readonly number[]; end: (error?: Error) => void }[] = [];
  const together = (items: readonly number[]): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      calls.push({ items, end: (error) => (error === undefined ? resolve(items.map((item) => `#${item}`)) : reject(error)) });
    });
  return { calls, together };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what is asked for in one turn', () => {
  it('goes in one call, in the order it came, and each gets its own answers', async () => {
    const { calls, together } = recorder();
    const ask = coalesce(together);
    const answers = Promise.all([ask([1]), Promise.resolve().then(() => ask([2, 3])), ask([4])]);
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[1, 4, 2, 3]]);
    calls[0]!.end();
    await expect(answers).resolves.toEqual([['#1'], ['#2', '#3'], ['#4']]);
  });

  it('fails for all who were in the call, and for nobody else', async () => {
    const { calls, together } = recorder();
    const ask = coalesce(together);
    const first = Promise.allSettled([ask([1]), ask([2])]);
    await turn();
    const second = ask([3]);
    await turn();
    calls[0]!.end(new Error('lost'));
    calls[1]!.end();
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(second).resolves.toEqual(['#3']);
  });
});

describe('what is asked for while as many calls are under way as may be', () => {
  it('gathers, and goes with the next one', async () => {
    const { calls, together } = recorder();
    const ask = coalesce(together, { atOnce: 1 });
    const answers = [ask([1])];
    await turn();
    for (const item of [2, 3, 4]) {
      answers.push(ask([item]));
      await turn();
    }
    expect(calls).toHaveLength(1);
    calls[0]!.end();
    await turn();
    await turn();
    expect(calls[1]!.items).toEqual([2, 3, 4]);
    calls[1]!.end();
    await expect(Promise.all(answers)).resolves.toEqual([['#1'], ['#2'], ['#3'], ['#4']]);
  });

  it('is not held back when a call before it threw at once', async () => {
    const ask = coalesce<number, number>(
      (items) => {
        if (items.includes(1)) throw new Error('refused');
        return Promise.resolve(items);
      },
      { atOnce: 1 },
    );
    await expect(ask([1])).rejects.toThrow('refused');
    await expect(ask([2])).resolves.toEqual([2]);
  });
});
