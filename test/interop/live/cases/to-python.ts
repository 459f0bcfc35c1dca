/** We send with each of our options, and Python's worker runs what was meant and acknowledges. */

import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { App, ApplyOptions, AsyncResult } from '../../../../src/index.ts';
import type { Case } from '../case.ts';
import type { Seen, World } from '../world.ts';

export function toPython(world: World): readonly Case[] {
  return [...calls(world), ...timed(world), ...fields(world), ...shapes(world), ...trees(world)];
}

const NAME = 'py.inspect';
const WAIT = { timeout: 20, interval: 0.05 };

/** Sends one task and waits until it ran in Python. */
async function seenOf(world: World, args: readonly unknown[], options?: ApplyOptions, app: App = world.app): Promise<Seen> {
  const { id } = await app.sendTask(NAME, args, options);
  return await world.seen(`a run of ${id}`, (seen) => seen.id === id);
}

function calls(world: World): readonly Case[] {
  const { app, stored, python } = world;
  return [
    {
      name: 'positional arguments through a declared task, and the headers of every message',
      run: async () => {
        const subtract = app.declare<[x: number, y: number], number>('py.subtract');
        const sent = await subtract.delay(5, 2);
        equal(await sent.get(WAIT), 3);
        const seen = await world.seen('it', ({ id }) => id === sent.id);
        const { task, retries, root_id, parent_id, group, timelimit, correlation_id, argsrepr, kwargsrepr, ignore_result } = seen;
        deepEqual(
          { task, retries, root_id, parent_id, group, timelimit, correlation_id, argsrepr, kwargsrepr, ignore_result },
          {
            task: 'py.subtract',
            retries: 0,
            root_id: sent.id,
            parent_id: null,
            group: null,
            timelimit: [null, null],
            correlation_id: sent.id,
            argsrepr: '(5, 2)',
            kwargsrepr: '{}',
            ignore_result: false,
          },
        );
      },
    },
    {
      name: 'keywords',
      run: async () => equal(await (await app.sendTask('py.subtract', [5], { kwargs: { y: 2 } })).get(WAIT), 3),
    },
    {
      name: 'keywords with names from anywhere',
      run: async () =>
        deepEqual((await seenOf(world, [], { kwargs: { größe: 1, constructor: 2 } })).repr, ['[]', "{'größe': 1, 'constructor': 2}"]),
    },
    {
      name: 'a Date is an aware datetime',
      run: async () => {
        const { repr } = await seenOf(world, [new Date('2030-01-02T03:04:05.678Z'), new Date(0)]);
        deepEqual(
          repr[0],
          await python.value('repr([datetime(2030, 1, 2, 3, 4, 5, 678000, timezone.utc), datetime(1970, 1, 1, tzinfo=timezone.utc)])'),
        );
      },
    },
    {
      name: '150 KB of arguments',
      run: async () => {
        const text = 'ä🎉x'.repeat(15_000);
        const numbers = Array.from({ length: 5000 }, (_, n) => n);
        deepEqual(await (await app.sendTask(NAME, [text, numbers])).get(WAIT), [text, numbers]);
      },
    },
    {
      name: 'ignoreResult keeps no result',
      run: async () => {
        const { id, ignore_result } = await seenOf(world, [1], { ignoreResult: true });
        equal(ignore_result, true);
        await stored((await app.sendTask(NAME)).id);
        equal(await app.asyncResult(id).state(), 'PENDING');
      },
    },
  ];
}

function timed(world: World): readonly Case[] {
  const { app, stored, allSeen } = world;
  return [
    {
      name: 'a countdown of 2 s is waited for, and the task runs once',
      run: async () => {
        const before = Date.now();
        const { id, at } = await seenOf(world, [1], { countdown: 2 });
        ok(at * 1000 >= before + 2000, `ran ${at * 1000 - before} ms after it was sent; expected 2000 or more`);
        await stored(id);
        equal((await allSeen()).filter((seen) => seen.id === id).length, 1);
      },
    },
    {
      name: 'an eta that is past runs at once',
      run: async () => equal((await seenOf(world, [1], { eta: '2020-01-02T03:04:05+02:00' })).eta, '2020-01-02T03:04:05+02:00'),
    },
    {
      name: 'delaySeconds delays without an eta',
      run: async () => {
        const before = Date.now();
        const { at, eta } = await seenOf(world, [1], { delaySeconds: 1 });
        ok(at * 1000 >= before + 990, `ran ${at * 1000 - before} ms after it was sent; expected a second`);
        equal(eta, null);
      },
    },
    {
      name: 'an expired task is not run but REVOKED',
      run: async () => {
        const sent = await app.sendTask(NAME, [1], { expires: new Date('2020-01-01') });
        await rejects(sent.get(WAIT), {
          name: 'RemoteError',
          excType: 'TaskRevokedError',
          excModule: 'celery.exceptions',
          excArgs: ['expired'],
        });
        deepEqual(
          (await allSeen()).filter(({ id }) => id === sent.id),
          [],
        );
      },
    },
    {
      name: 'a task runs before it expires',
      run: async () => {
        const { expires } = await seenOf(world, [1], { expires: 60 });
        ok(Date.parse(String(expires)) > Date.now(), `expires is ${String(expires)}`);
      },
    },
  ];
}

function fields(world: World): readonly Case[] {
  const has = (name: string, options: ApplyOptions, expected: Readonly<Record<string, unknown>>): Case => ({
    name,
    run: async () => {
      const seen = await seenOf(world, [1], options);
      deepEqual(Object.fromEntries(Object.keys(expected).map((field) => [field, seen[field]])), expected);
    },
  });
  return [
    {
      name: 'custom headers',
      run: async () => {
        const { headers } = await seenOf(world, [1], { headers: { tenant: 'Zoë', deep: { n: [1] } } });
        const { tenant, deep } = headers as Record<string, unknown>;
        deepEqual([tenant, deep], ['Zoë', { n: [1] }]);
      },
    },
    has('stamps', { stamps: { run: 7, tags: ['a', 'b'] } }, { stamps: { run: 7, tags: ['a', 'b'] }, stamped_headers: ['run', 'tags'] }),
    {
      name: 'priority, and the queue it came by',
      run: async () => {
        const { priority, exchange, routing_key } = (await seenOf(world, [1], { priority: 7 }))['delivery_info'] as Record<string, unknown>;
        deepEqual({ priority, exchange, routing_key }, { priority: 7, exchange: '', routing_key: 'py' });
      },
    },
    has('time limits, hard first', { timeLimit: 30, softTimeLimit: 20.5 }, { timelimit: [30, 20.5] }),
    has('shadow and replyTo', { shadow: 'other', replyTo: 'here' }, { shadow: 'other', reply_to: 'here' }),
    has('root and parent', { rootId: 'r', parentId: 'p' }, { root_id: 'r', parent_id: 'p' }),
    has('group id and index', { groupId: 'g', groupIndex: 3 }, { group: 'g', group_index: 3 }),
    has('argsrepr and kwargsrepr', { argsrepr: '(…)', kwargsrepr: '{…}' }, { argsrepr: '(…)', kwargsrepr: '{…}' }),
    has('retries', { retries: 2 }, { retries: 2 }),
    has('a task id of one’s own', { taskId: 'invoice-17' }, { id: 'invoice-17', root_id: 'invoice-17' }),
    {
      name: 'properties nobody knows',
      run: async () =>
        equal(((await seenOf(world, [1], { properties: { colour: 'red' } }))['properties'] as Record<string, unknown>)['colour'], 'red'),
    },
  ];
}

function shapes(world: World): readonly Case[] {
  const { otherApp, python } = world;
  const isRun = (name: string, options: ApplyOptions, app?: App): Case => ({
    name,
    run: async () =>
      deepEqual((await seenOf(world, ['Grüße 🎉', 1], { kwargs: { a: null }, ...options }, app)).repr, ["['Grüße 🎉', 1]", "{'a': None}"]),
  });
  const plain = { sqsBase64Encoding: false, bodyEncoding: null };
  return [
    ...['zlib', 'gzip', 'brotli', 'zstd'].map((compression) => isRun(compression, { compression })),
    isRun('task protocol 1', {}, otherApp({ taskProtocol: 1 })),
    isRun('task protocol 1 with countdown and expires', { countdown: 1, expires: 60 }, otherApp({ taskProtocol: 1 })),
    isRun('a plain envelope and a plain body', {}, otherApp({ brokerTransportOptions: plain })),
    isRun('message attributes', { messageAttributes: { k: { type: 'String', value: 'v' } } }),
    {
      name: 'values without tags, for peers before kombu 5.3, are texts',
      run: async () => {
        const { repr } = await seenOf(world, [new Date(0)], {}, otherApp({ taggedValues: false }));
        equal(repr[0], await python.value(`repr(["1970-01-01T00:00:00Z"])`));
      },
    },
    {
      name: 'a FIFO group keeps its order',
      run: async () => {
        const sent: AsyncResult[] = [];
        for (let n = 0; n < 5; n += 1) sent.push(await world.app.sendTask(NAME, [n], { queue: 'py.fifo', messageGroupId: 'g' }));
        const seen = await Promise.all(sent.map((task) => world.seen('all five', ({ id }) => id === task.id)));
        deepEqual(
          [...seen].sort((a, b) => a.at - b.at).map(({ repr }) => repr[0]),
          ['[0]', '[1]', '[2]', '[3]', '[4]'],
        );
      },
    },
  ];
}

function trees(world: World): readonly Case[] {
  const { app, stored, seen } = world;
  const inspect = app.declare<[...given: number[]], unknown>(NAME);
  const runWith = (parent: string, args: string) =>
    seen(`a run of ${args} after ${parent}`, (run) => run['parent_id'] === parent && run.repr[0] === args);
  return [
    {
      name: 'a task of ours that sends one of Python’s is its parent and root',
      run: async () => {
        const sent = await app.sendTask('live.parent');
        const child = String(await sent.get(WAIT));
        const { root_id, parent_id, repr } = await seen('the child', ({ id }) => id === child);
        deepEqual([root_id, parent_id, repr[0]], [sent.id, sent.id, "['from TypeScript']"]);
        equal((await stored(child)).parent_id, sent.id);
        deepEqual(await world.python.value(`[c.id for c in result(${JSON.stringify(sent.id)}).children]`), [child]);
      },
    },
    {
      name: 'Python’s own retry of our message keeps all it carried',
      run: async () => {
        const options = { headers: { tenant: 'Zoë' }, stamps: { run: 7 }, shadow: 'other', timeLimit: 30, priority: 3, expires: 60 };
        const { id } = await app.sendTask('py.retry', [1, new Date(0)], options);
        equal((await stored(id)).result, 1);
        const [first, second] = (await world.allSeen()).filter((run) => run.id === id);
        const kept = ({ repr, root_id, stamps, shadow, timelimit, expires, headers }: Record<string, unknown>) => {
          return { repr, root_id, stamps, shadow, timelimit, expires, tenant: (headers as Record<string, unknown> | null)?.['tenant'] };
        };
        deepEqual(kept(second ?? {}), kept(first ?? {}));
        deepEqual([second?.['retries'], second?.['parent_id']], [1, id]);
      },
    },
    {
      name: 'link runs with the result in front',
      run: async () => {
        const sent = await inspect.applyAsync([1], { link: inspect.s(2) });
        equal((await runWith(sent.id, '[[1], 2]'))['root_id'], sent.id);
      },
    },
    {
      name: 'a chain goes on to its end',
      run: async () => {
        const sent = await inspect.applyAsync([1], { chain: [inspect.s(3), inspect.s(2)] });
        const second = await runWith(sent.id, '[[1], 2]');
        const third = await runWith(second.id, '[[[1], 2], 3]');
        equal(third['root_id'], sent.id);
      },
    },
    {
      name: 'linkError is called',
      run: async () => {
        const onError = app.declare<[], unknown>('py.on_error');
        const sent = await app.sendTask('py.fail', ['value'], { linkError: onError.s() });
        const { error } = await seen('its errback', ({ id }) => id === `on_error:${sent.id}`);
        equal(error, "ValueError('boom', 7)");
      },
    },
  ];
}
