/** The Redis backend beside Python's: each reads and hears what the other stores, and the parts of a chord end on either side. */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChordCount, ChordPart, ResultBackend } from '../../../../src/backends/backend.ts';
import { createRedisBackend } from '../../../../src/backends/redis.ts';
import { type ResultDocument, type ResultTuple, toResultDocument } from '../../../../src/wire/result.ts';
import type { Case } from '../case.ts';
import type { RedisWorld } from '../redis-world.ts';

const HOUR = { expiresSeconds: 3600 };
const newId = (): string => crypto.randomUUID();
const py = (...args: readonly unknown[]): string => args.map((arg) => (arg === null ? 'None' : JSON.stringify(arg))).join(', ');
const task = (id: string): ResultTuple => [[id, null], null];

export function redis(world: RedisWorld): readonly Case[] {
  // Their connections keep no process from ending.
  const ours = createRedisBackend({ url: world.url });
  const prefixed = createRedisBackend({ url: world.url, keyPrefix: 'team' });
  const unordered = createRedisBackend({ url: world.url, resultChordOrdered: false });
  return [
    ...results(world, ours, prefixed),
    ...groups(world, ours),
    ...chords(world, ours, 'app'),
    ...chords(world, unordered, 'unordered'),
    ...oddChords(world, ours),
  ];
}

const documentOf = (id: string, result: unknown, status = 'SUCCESS'): ResultDocument =>
  toResultDocument({ task_id: id, status, result, date_done: '2030-01-02T03:04:05+00:00' });

function results({ value, isModern }: RedisWorld, ours: ResultBackend, prefixed: ResultBackend): readonly Case[] {
  const compressions = isModern ? ['gzip', 'brotli', 'zstd'] : [];
  return [
    {
      name: 'Python’s get() wakes up when we store',
      run: async () => {
        const id = newId();
        const got = value(`get(${py(id)})`);
        await pause(300);
        await ours.store(documentOf(id, { n: [1, 'ü'] }), HOUR);
        deepEqual(await got, { n: [1, 'ü'] });
      },
    },
    {
      name: 'our watch hears what Python stores, and we read it',
      run: async () => {
        const id = newId();
        const heard: unknown[] = [];
        const end = await ours.watch?.([id], ({ status, result }) => heard.push([status, result]));
        await value(`store(${py(id, 5, 'STARTED')})`);
        await value(`store(${py(id, ['ü', 7])})`);
        deepEqual(await ours.fetch(id), { ...(await ours.fetch(id)), status: 'SUCCESS', result: ['ü', 7], task_id: id });
        await pause(50);
        await end?.();
        deepEqual(heard, [
          ['STARTED', 5],
          ['SUCCESS', ['ü', 7]],
        ]);
      },
    },
    {
      name: 'neither overwrites the other’s SUCCESS',
      run: async () => {
        const [a, b] = [newId(), newId()];
        await ours.store(documentOf(a, 'ours'), HOUR);
        await value(`store(${py(a, 'late', 'STARTED')})`);
        await value(`store(${py(b, 'theirs')})`);
        await ours.store(documentOf(b, 'late', 'STARTED'), HOUR);
        deepEqual([(await ours.fetch(a))?.result, (await ours.fetch(b))?.result], ['ours', 'theirs']);
      },
    },
    {
      name: 'both use the same prefix',
      run: async () => {
        const [a, b] = [newId(), newId()];
        await prefixed.store(documentOf(a, 1), HOUR);
        equal(await value(`get(${py(a)}, prefixed)`), 1);
        await value(`store(${py(b, 2)}, by=prefixed)`);
        equal((await prefixed.fetch(b))?.result, 2);
        equal(await ours.fetch(b), undefined);
      },
    },
    ...compressions.map((name) => ({
      name: `we read what Python compresses with ${name}, and do not overwrite it`,
      run: async () => {
        const id = newId();
        const text = 'long '.repeat(500);
        await value(`store(${py(id, 1, 'STARTED')}, by=compressed[${py(name)}])`);
        await ours.store(documentOf(id, 2, 'PROGRESS'), HOUR);
        equal((await ours.fetch(id))?.result, 2);
        await value(`store(${py(id, text)}, by=compressed[${py(name)}])`);
        await ours.store(documentOf(id, 3, 'FAILURE'), HOUR);
        equal((await ours.fetch(id))?.result, text);
      },
    })),
    {
      name: 'what has no expiry has none, and Python’s default is ours',
      run: async () => {
        const [a, b] = [newId(), newId()];
        await ours.store(documentOf(a, 1), { expiresSeconds: null });
        await ours.store(documentOf(b, 1));
        const ttl = (id: string) => value<number>(`app.backend.client.ttl('celery-task-meta-' + ${py(id)})`);
        equal(await ttl(a), -1);
        ok((await ttl(b)) > 86_000);
      },
    },
  ];
}

function groups({ value }: RedisWorld, ours: ResultBackend): readonly Case[] {
  return [
    {
      name: 'each restores the other’s group',
      run: async () => {
        const [a, b] = [newId(), newId()];
        const group: ResultTuple = [
          [a, null],
          [task('x'), [['inner', null], [task('y')]]],
        ];
        await ours.groups?.save(a, group, HOUR);
        deepEqual(await value(`restore_group(${py(a)})`), group);
        await value(`save_group(${py(b, 'x', 'y')})`);
        deepEqual(await ours.groups?.restore(b), [
          [b, null],
          [task('x'), task('y')],
        ]);
      },
    },
  ];
}

/** Who ends a part: Python's worker, or ours. */
interface Sides {
  py(groupId: string, id: string, index: number | null, result: unknown, state?: string): Promise<void>;
  ts(groupId: string, id: string, index: number | null, result: unknown, state?: string): Promise<ChordCount>;
}

function sidesOf({ value }: RedisWorld, ours: ResultBackend, by: string): Sides {
  return {
    async py(groupId, id, index, result, state = 'SUCCESS') {
      const made = state === 'SUCCESS' ? py(result) : `Failed(${py(result)})`;
      await value(`part(${py(groupId, id, index)}, ${made}, ${py(state)}, by=${by})`);
    },
    async ts(groupId, id, index, result, state = 'SUCCESS') {
      await ours.store(documentOf(id, result, state), HOUR);
      const part: ChordPart = { groupId, taskId: id, groupIndex: index, state, result, size: undefined, ...HOUR };
      return (await ours.chords?.count(part)) ?? { state: 'unknown' };
    },
  };
}

async function completedHere(ours: ResultBackend, count: ChordCount): Promise<unknown> {
  equal(count.state, 'complete');
  if (count.state !== 'complete') return undefined;
  const join = await ours.chords?.join(count);
  await ours.chords?.end(count);
  return join;
}

function chords(world: RedisWorld, ours: ResultBackend, by: string): readonly Case[] {
  const { value } = world;
  const sides = sidesOf(world, ours, by);
  const beginHere = (gid: string, header: readonly ResultTuple[], size: number) =>
    ours.chords?.begin({ groupId: gid, size, header: [[gid, null], header], ...HOUR });
  return [
    {
      name: `[${by}] Python begins a chord, both end parts, the last one is ours`,
      run: async () => {
        const [gid, a, b, c] = [newId(), newId(), newId(), newId()];
        await value(`begin(${py(gid, [a, b, c])}, by=${by})`);
        equal((await sides.ts(gid, a, 0, 'a')).state, 'open');
        await sides.py(gid, b, 1, 'b');
        equal((await sides.ts(gid, a, 0, 'another')).state, 'open');
        if (world.isModern) await sides.py(gid, a, 0, 'one more');
        deepEqual(await completedHere(ours, await sides.ts(gid, c, 2, 'c')), { ok: true, results: ['a', 'b', 'c'] });
        await sides.py(gid, b, 1, 'late');
        equal((await sides.ts(gid, b, 1, 'late')).state, 'taken');
        deepEqual(await value(`sent_for(${py(gid)})`), []);
      },
    },
    {
      name: `[${by}] we begin a chord, both end parts, the last one is Python’s`,
      run: async () => {
        const [gid, a, b, c] = [newId(), newId(), newId(), newId()];
        const value1 = { a: [1, -2.5, 'ü🐇"\\,: ', {}], 'b,:': [] };
        await beginHere(gid, [task(a), task(b), task(c)], 3);
        equal((await sides.ts(gid, a, 0, value1)).state, 'open');
        equal((await sides.ts(gid, b, 1, null)).state, 'open');
        // Before 5.7 only by the same text, and only where parts are kept by place.
        if (world.isModern || by === 'app') {
          await sides.py(gid, a, 0, value1);
          await sides.py(gid, b, 1, world.isModern ? 'another' : null);
        }
        deepEqual(await value(`sent_for(${py(gid)})`), []);
        await sides.py(gid, c, 2, 'ü');
        deepEqual(await value(`sent_for(${py(gid)})`), [[value1, null, 'ü']]);
        const late = (await sides.ts(gid, a, 0, 'late')).state;
        equal(late, world.isModern ? 'taken' : 'unknown');
        deepEqual(await value(`len(sent_for(${py(gid)}))`), 1);
      },
    },
    {
      name: `[${by}] a part that Python’s worker ended and ours runs again counts once`,
      run: async () => {
        const [gid, a, b] = [newId(), newId(), newId()];
        await value(`begin(${py(gid, [a, b])}, by=${by})`);
        await sides.py(gid, a, 0, 'first');
        for (const again of ['first', 'second']) equal((await sides.ts(gid, a, 0, again)).state, 'open');
        deepEqual(await completedHere(ours, await sides.ts(gid, b, 1, 'b')), { ok: true, results: ['first', 'b'] });
        deepEqual(await value(`keys(${py(gid)})`), ['.c']);
      },
    },
    {
      name: `[${by}] parts that do not say their place count on both sides`,
      run: async () => {
        const [gid, a, b, c] = [newId(), newId(), newId(), newId()];
        await value(`begin(${py(gid, [a, b, c])}, by=${by})`);
        await sides.py(gid, a, null, 'x');
        equal((await sides.ts(gid, a, null, 'y')).state, 'open');
        equal((await sides.ts(gid, b, null, 'b')).state, 'open');
        equal((await sides.ts(gid, b, null, 'again')).state, 'open');
        await sides.py(gid, c, null, 'c');
        const [results] = await value<string[][]>(`sent_for(${py(gid)})`);
        deepEqual(results?.toSorted(), ['b', 'c', 'x']);
      },
    },
    {
      name: `[${by}] a failed part fails the body on either side`,
      run: async () => {
        const [one, two, a, b] = [newId(), newId(), newId(), newId()];
        const error = { exc_type: 'ValueError', exc_message: ['boom'], exc_module: 'builtins' };
        await beginHere(one, [task(a), task(b)], 2);
        await sides.py(one, a, 0, 'from Python', 'FAILURE');
        const join = await completedHere(ours, await sides.ts(one, b, 1, 'b'));
        const exception = { exc_type: 'Failed', exc_message: ['from Python'], exc_module: '__main__' };
        deepEqual(join, { ok: false, taskId: a, exception, traceback: null });
        await value(`begin(${py(two, [`${a}2`, `${b}2`])}, by=${by})`);
        await sides.ts(two, `${a}2`, 0, error, 'FAILURE');
        await sides.py(two, `${b}2`, 1, 'b');
        deepEqual(await value(`failed_for(${py(two)}, ${by})`), ['FAILURE', 'ChordError', `Dependency ${a}2 raised ValueError('boom')`]);
      },
    },
    {
      name: `[${by}] a nested group is nested for whoever completes the chord`,
      run: async () => {
        const [one, two, a, b, c] = [newId(), newId(), newId(), newId(), newId()];
        await beginHere(
          one,
          [
            task(a),
            [
              ['inner', null],
              [task(b), task(c)],
            ],
          ],
          3,
        );
        for (const [index, id] of [c, b].entries()) await sides.ts(one, id, index, id);
        await sides.py(one, a, 2, a);
        deepEqual(await value(`sent_for(${py(one)})`), [[a, [b, c]]]);
        const [d, e, f] = [newId(), newId(), newId()];
        await value(`begin(${py(two, [d, ['inner', [e, f]]])}, by=${by})`);
        await sides.py(two, f, 0, f);
        await sides.py(two, e, 1, e);
        deepEqual(await completedHere(ours, await sides.ts(two, d, 2, d)), { ok: true, results: [d, [e, f]] });
      },
    },
    {
      name: `[${by}] parts that come before Python notes the size are kept`,
      run: async () => {
        const [gid, a, b] = [newId(), newId(), newId()];
        equal((await sides.ts(gid, a, 0, 'a')).state, 'unknown');
        await value(`begin(${py(gid, [a, b])}, by=${by})`);
        deepEqual(await completedHere(ours, await sides.ts(gid, b, 1, 'b')), { ok: true, results: ['a', 'b'] });
      },
    },
    {
      name: `[${by}] a chord grows on either side`,
      run: async () => {
        const [gid, a, b, c] = [newId(), newId(), newId(), newId()];
        await value(`begin(${py(gid, [a])}, by=${by})`);
        await ours.chords?.grow?.(gid, task(b));
        await value(`grow(${py(gid, c)})`);
        equal((await sides.ts(gid, a, 0, 'a')).state, 'open');
        await sides.py(gid, b, 1, 'b');
        deepEqual(await completedHere(ours, await sides.ts(gid, c, 2, 'c')), { ok: true, results: ['a', 'b', 'c'] });
      },
    },
    {
      name: `[${by}] the body is sent once when the parts of both sides end at the same time`,
      run: async () => {
        const gid = newId();
        const ids = Array.from({ length: 24 }, newId);
        await value(`begin(${py(gid, ids)}, by=${by})`);
        const counts = await Promise.all(
          ids.map((id, index) => (index % 2 === 0 ? sides.ts(gid, id, index, index) : sides.py(gid, id, index, index))),
        );
        const here = counts.filter((count) => count?.state === 'complete');
        const there = await value<unknown[][]>(`sent_for(${py(gid)})`);
        equal(here.length + there.length, 1);
        const join = here[0] === undefined ? { ok: true, results: there[0] } : await completedHere(ours, here[0]);
        const { results = [] } = join as { results?: readonly number[] };
        deepEqual(
          results.toSorted((x, y) => x - y),
          [...ids.keys()],
        );
        if (by === 'app') deepEqual(results, [...ids.keys()]);
      },
    },
  ];
}

function oddChords(world: RedisWorld, ours: ResultBackend): readonly Case[] {
  const { value } = world;
  const sides = sidesOf(world, ours, 'app');
  if (!world.isModern) return [];
  return [
    {
      name: 'Python’s worker does not send a body that we are about to send',
      run: async () => {
        const [gid, a, b] = [newId(), newId(), newId()];
        await value(`begin(${py(gid, [a, b])})`);
        await sides.py(gid, a, 0, 'a');
        const count = await sides.ts(gid, b, 1, 'b');
        equal(count.state, 'complete');
        await sides.py(gid, a, 0, 'a');
        deepEqual(await value(`sent_for(${py(gid)})`), []);
        if (count.state === 'complete') await ours.chords?.release?.(count);
        await sides.py(gid, a, 0, 'a');
        deepEqual(await value(`sent_for(${py(gid)})`), [['a', 'b']]);
      },
    },
    {
      name: 'parts that Python compresses are joined here',
      run: async () => {
        const [gid, a, b] = [newId(), newId(), newId()];
        const gzip = sidesOf(world, ours, 'compressed["gzip"]');
        await value(`begin(${py(gid, [a, ['inner', [b]]])}, by=compressed["gzip"])`);
        await gzip.py(gid, a, 0, 'a');
        deepEqual(await completedHere(ours, await sides.ts(gid, b, 1, 'b')), { ok: true, results: ['a', ['b']] });
      },
    },
  ];
}
