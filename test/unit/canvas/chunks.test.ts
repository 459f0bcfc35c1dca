import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { Chunks } from '../../../src/canvas/chunks.ts';
import { plain } from '../../support/signatures.ts';

const add = createApp('maps').task('add', (x: number, y: number) => x + y);
const double = createApp('maps').task('double', (x: number) => 2 * x);

describe('map(), starmap() and chunks()', () => {
  it('are signatures of Celery’s own tasks', () => {
    const more = { immutable: true };
    expect(double.map([1, 2]).toData()).toEqual(
      plain('celery.map', [], { ...more, kwargs: { task: plain('double'), it: [1, 2] }, subtask_type: 'xmap' }),
    );
    expect(add.starmap([[1, 2]]).toData()).toEqual(
      plain('celery.starmap', [], { ...more, kwargs: { task: plain('add'), it: [[1, 2]] }, subtask_type: 'xstarmap' }),
    );
    expect(add.chunks([[1, 2]], 3).toData()).toEqual(
      plain('celery.chunks', [], { ...more, kwargs: { task: plain('add'), it: [[1, 2]], n: 3 }, subtask_type: 'chunks' }),
    );
  });

  it('give the group that chunks come to', () => {
    const { tasks } = add.chunks([[1, 1], [2, 2], [3, 3]], 2).group().kwargs as { tasks: readonly { task: string; kwargs: { it: unknown } }[] }; // biome-ignore format: one line
    expect(tasks.map(({ task, kwargs }) => [task, kwargs.it])).toEqual([
      ['celery.starmap', [[1, 1], [2, 2]]],
      ['celery.starmap', [[3, 3]]],
    ]); // biome-ignore format: as above
    expect(add.chunks([], 2).group().kwargs).toEqual({ tasks: [] });
  });

  it('stay chunks when options are set', () => {
    const set = add.chunks([[1, 2]], 1).set({ queue: 'x' });
    expect(set).toBeInstanceOf(Chunks);
    expect(set.options).toEqual({ queue: 'x' });
  });

  it.each([0, -1, 1.5, Number.NaN, '2'])('refuse chunks of the size %s', (size) => {
    expect(() => add.chunks([[1, 2]], size as number)).toThrow(`chunks() has the size ${size}; expected a whole number above 0.`);
  });

  it('refuse what is no array', () => {
    expect(() => double.map('12' as never)).toThrow('map() takes an array of items.');
    expect(() => add.starmap(undefined as never)).toThrow('starmap() takes an array of items.');
    expect(() => add.chunks({} as never, 1)).toThrow('chunks() takes an array of items.');
  });
});
