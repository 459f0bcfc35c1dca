/** Runs the examples of docs/results.md, and compares its tables with the code. */

import { AsyncResult, type GetOptions, type ResultBackend, type ResultBase } from 'celeriac';
import { createMemoryBackend } from 'celeriac/backends/memory';
import { createEagerTransport } from 'celeriac/testing';
import { createMemoryTransport } from 'celeriac/transports/memory';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as reading from '../../docs/examples/reading.ts';
import { GroupResult } from '../../src/results/group-result.ts';
import { membersOf } from './declarations.ts';
import { rowsUnder, wordsIn } from './markdown.ts';

const { app } = reading;

function connectEager(): ResultBackend {
  const backend = createMemoryBackend();
  app.connect({ transport: createEagerTransport(app), backend });
  return backend;
}

describe('reading.ts', () => {
  afterEach(() => vi.restoreAllMocks());

  it('tells how far a task is, and its value once it has ended', async () => {
    connectEager();
    const done = await reading.render.delay(3);
    expect(await reading.progress(done.id)).toBe('report of 3 pages');

    const backend = createMemoryBackend();
    app.connect({ transport: createMemoryTransport(), backend });
    const { id } = await reading.render.delay(3);
    expect(await reading.progress(id)).toBe('0 of 0 pages');
    const result = { page: 2, pages: 3 };
    await backend.store({ status: 'PROGRESS', result, traceback: null, children: [], date_done: null, task_id: id });
    expect(await reading.progress(id)).toBe('2 of 3 pages');
  });

  it('stores the progress that is read', async () => {
    const backend = connectEager();
    const store = vi.spyOn(backend, 'store');
    await reading.render.delay(2);
    expect(store.mock.calls.map(([{ status, result }]) => [status, result]).filter(([status]) => status === 'PROGRESS')).toEqual([
      ['PROGRESS', { page: 1, pages: 2 }],
      ['PROGRESS', { page: 2, pages: 2 }],
    ]);
  });

  it('waits for a group, member by member and as a whole, and finds it again', async () => {
    connectEager();
    const told = vi.spyOn(console, 'log').mockReturnValue();
    const id = await reading.renderAll();
    expect(told).toHaveBeenCalledTimes(4);
    expect(told).toHaveBeenLastCalledWith([1, 2, 3].map((pages) => `report of ${pages} pages`));
    expect(await reading.howMany(id)).toBe('3 of 3 are done');
    expect(await reading.howMany('other')).toBe('no such group, or it has expired');
  });

  it('collects what a task has sent', async () => {
    connectEager();
    expect(await reading.reportsOf(await reading.renderBook.delay(2))).toEqual(['report of 1 pages', 'report of 2 pages']);
  });

  it('makes a result of its JSON again', async () => {
    connectEager();
    const sent = await reading.render.delay(1);
    expect(await reading.fromJson(JSON.stringify(sent))).toBe('a task, SUCCESS');
    expect(
      await reading.fromJson(
        JSON.stringify([
          ['g', null],
          [sent, sent],
        ]),
      ),
    ).toBe('a group of 2');
  });
});

const listed = (heading: string): string[] => rowsUnder('docs/results.md', heading).flatMap(([first = '']) => wordsIn(first));

describe('docs/results.md', () => {
  it('has each option of waiting', () => {
    const options = ['GetOptions', 'WaitOptions'].flatMap((name) => membersOf('src/results/source.ts', name));
    expect(listed('Waiting').sort()).toEqual(options.sort());
    expect(options).toContain('timeout' satisfies keyof GetOptions);
  });

  it('has each method of a result and of a group', () => {
    const named = (heading: string): string[] => listed(heading).map((word) => word.replace(/\(.*/, ''));
    const methods = (of: object): string[] =>
      Object.entries(Object.getOwnPropertyDescriptors(of)).flatMap(([name, { value }]) => (typeof value === 'function' ? [name] : []));
    const base = methods(Object.getPrototypeOf(AsyncResult.prototype) as ResultBase);
    const all = new Set([...base, ...methods(AsyncResult.prototype), ...methods(GroupResult.prototype)]);
    for (const name of ['constructor', 'toJSON']) all.delete(name);
    expect([...new Set([...named('One look'), ...named('Groups'), ...named('What a task has sent'), 'get', 'toTuple'])].sort()).toEqual(
      [...all].sort(),
    );
  });
});
