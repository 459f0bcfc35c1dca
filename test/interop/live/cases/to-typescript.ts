/** Python sends with each of its options, and our handler runs what was meant. */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Case } from '../case.ts';
import type { World } from '../world.ts';

export function toTypeScript(world: World): readonly Case[] {
  return [...calls(world), ...timed(world), ...fields(world), ...shapes(world), ...trees(world)];
}

const quoted = JSON.stringify;

/** Arguments in all the ways Python gives them. */
function calls({ python, ran, stored }: World): readonly Case[] {
  const result = async (text: string): Promise<unknown> => (await stored(await python.send(text))).result;
  return [
    {
      name: 'positional arguments, and the headers of every message',
      run: async () => {
        const id = await python.send('inspect.delay(2, 3)');
        const { args, kwargs, request } = await ran(id);
        deepEqual([args, kwargs], [[2, 3], {}]);
        const { rootId, parentId, retries, group, eta, expires, timeLimit, correlationId, deliveryInfo, calledDirectly } = request;
        deepEqual(
          { rootId, parentId, retries, group, eta, expires, timeLimit, correlationId, deliveryInfo, calledDirectly },
          {
            rootId: id,
            parentId: null,
            retries: 0,
            group: null,
            eta: null,
            expires: null,
            timeLimit: [null, null],
            correlationId: id,
            deliveryInfo: { exchange: '', routingKey: 'ts', priority: 0, redelivered: false },
            calledDirectly: false,
          },
        );
        ok(/^gen\d+@/.test(request.origin ?? ''), `origin is ${request.origin}; expected gen<pid>@<host>`);
      },
    },
    { name: 'keywords become named parameters', run: async () => equal(await result('subtract.delay(y=2, x=5)'), 3) },
    { name: 'keywords beside positional arguments', run: async () => equal(await result('subtract.delay(5, y=2)'), 3) },
    {
      name: 'keywords with names from anywhere',
      run: async () =>
        deepEqual(await result('inspect.delay(**{"größe": 1, "constructor": 2, "with space": 3})'), [
          [],
          { größe: 1, constructor: 2, 'with space': 3 },
        ]),
    },
    {
      name: 'an unknown keyword fails the task with a TypeError in Python',
      run: async () => {
        const id = await python.send('app.send_task("live.subtract", (5,), {"z": 2})');
        await stored(id);
        const { type, module, args } = await python.value<{ type: string; module: string; args: string[] }>(`error(${quoted(id)})`);
        deepEqual([type, module, args], ['TypeError', 'builtins', ["live.subtract() got an unexpected keyword argument 'z'"]]);
      },
    },
    {
      name: 'a float of integral value is the integer (JavaScript has one number type)',
      run: async () => deepEqual(await result('inspect.delay(3.0, 1e22)'), [3, 1e22]),
    },
    {
      name: '150 KB of arguments',
      run: async () => {
        const id = await python.send('inspect.delay("ä🎉x" * 15_000, list(range(5000)))');
        deepEqual((await ran(id)).args, ['ä🎉x'.repeat(15_000), Array.from({ length: 5000 }, (_, n) => n)]);
      },
    },
    {
      name: 'a task id of one’s own',
      run: async () => {
        equal(await python.send('inspect.apply_async((1,), task_id="order-4711")'), 'order-4711');
        await stored('order-4711');
        equal(await python.value('got("order-4711")'), '[1]');
      },
    },
    {
      name: 'a task that keeps no result keeps none',
      run: async () => {
        const id = await python.send('unread.delay()');
        const ignored = await python.send('inspect.apply_async((1,), ignore_result=True)');
        await ran(id);
        await ran(ignored);
        await stored(await python.send('inspect.delay()'));
        deepEqual(await python.value(`[result(${quoted(id)}).state, result(${quoted(ignored)}).state]`), ['PENDING', 'PENDING']);
      },
    },
  ];
}

/** Not before, and not after. */
function timed({ python, ran, stored, runs }: World): readonly Case[] {
  const revoked = async (text: string): Promise<void> => {
    const id = await python.send(text);
    equal((await stored(id)).status, 'REVOKED');
    const { state, type, module, args } = await python.value<Record<string, unknown>>(`error(${quoted(id)})`);
    deepEqual(
      { state, type, module, args },
      { state: 'REVOKED', type: 'TaskRevokedError', module: 'celery.exceptions', args: ['expired'] },
    );
    equal(runs.get(id), undefined);
  };
  return [
    {
      name: 'a countdown of 2 s is waited for, and the task runs once',
      run: async () => {
        const before = Date.now();
        const id = await python.send('inspect.apply_async((1,), countdown=2)');
        const { at, request } = await ran(id);
        ok(at >= before + 2000, `ran ${at - before} ms after it was sent; expected 2000 or more`);
        ok(at >= Date.parse(request.eta ?? ''), `ran at ${new Date(at).toISOString()}; its eta is ${request.eta}`);
        await stored(id);
        equal(runs.get(id)?.length, 1);
      },
    },
    {
      name: 'an eta with another offset that is past runs at once',
      run: async () => {
        const id = await python.send('inspect.apply_async((1,), eta=datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))))');
        equal((await ran(id)).request.eta, '2020-01-02T03:04:05+02:00');
      },
    },
    {
      name: 'an eta without offset is UTC',
      run: async () => {
        const before = Date.now();
        const id = await python.send(
          'inspect.apply_async((1,), eta=datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(seconds=1))',
        );
        const { at } = await ran(id);
        ok(at >= before + 999, `ran ${at - before} ms after it was sent; expected a second`);
      },
    },
    {
      name: 'an expired task is not run but REVOKED',
      run: () => revoked('inspect.apply_async((1,), expires=datetime(2020, 1, 1, tzinfo=timezone.utc))'),
    },
    { name: 'a task that expires while it waits is REVOKED', run: () => revoked('inspect.apply_async((1,), countdown=2, expires=1)') },
    {
      name: 'a task runs before it expires',
      run: async () => {
        const { request } = await ran(await python.send('inspect.apply_async((1,), expires=60)'));
        ok(Date.parse(request.expires ?? '') > Date.now(), `expires is ${request.expires}`);
      },
    },
    {
      name: 'kombu’s own delay_seconds',
      run: async () => {
        const before = Date.now();
        const { at } = await ran(await python.send('inspect.apply_async((1,), delay_seconds=1)'));
        ok(at >= before + 990, `ran ${at - before} ms after it was sent; expected a second`);
      },
    },
  ];
}

/** What stands in headers and properties. */
function fields({ python, ran }: World): readonly Case[] {
  const request = async (text: string) => (await ran(await python.send(text))).request;
  return [
    {
      name: 'custom headers',
      run: async () => {
        const { headers } = await request('inspect.apply_async((1,), headers={"tenant": "Zoë", "deep": {"at": date(2030, 1, 2)}})');
        deepEqual([headers['tenant'], JSON.stringify(headers['deep'])], ['Zoë', '{"at":"2030-01-02"}']);
      },
    },
    {
      name: 'stamps',
      run: async () => {
        const { stamps, stampedHeaders } = await request('(lambda s: (s.stamp(run=7, tags=["a", "b"]), s.apply_async())[1])(inspect.s(1))');
        deepEqual([stamps, [...stampedHeaders].sort()], [{ run: 7, tags: ['a', 'b'] }, ['run', 'tags']]);
      },
    },
    {
      name: 'priority',
      run: async () => equal((await request('inspect.apply_async((1,), priority=7)')).deliveryInfo.priority, 7),
    },
    {
      name: 'time limits, hard first',
      run: async () => deepEqual((await request('inspect.apply_async((1,), time_limit=30, soft_time_limit=20.5)')).timeLimit, [30, 20.5]),
    },
    {
      name: 'shadow, reply_to, root and parent, retries, argsrepr and an option nobody knows',
      run: async () => {
        const { shadow, replyTo, rootId, parentId, retries, headers, properties } = await request(
          'inspect.apply_async((1,), shadow="other", reply_to="here", root_id="r", parent_id="p", retries=2, argsrepr="(…)", colour="red")',
        );
        const found = { shadow, replyTo, rootId, parentId, retries, argsrepr: headers['argsrepr'], colour: properties['colour'] };
        deepEqual(found, { shadow: 'other', replyTo: 'here', rootId: 'r', parentId: 'p', retries: 2, argsrepr: '(…)', colour: 'red' });
      },
    },
  ];
}

/** The same message in other clothes. */
function shapes({ python, ran }: World): readonly Case[] {
  const isRun = (name: string, text: string, args: readonly unknown[] = ['Grüße 🎉', 1], kwargs: object = { a: null }): Case => ({
    name,
    run: async () => {
      const run = await ran(await python.send(text));
      deepEqual([run.args, run.kwargs], [args, kwargs]);
    },
  });
  const call = '("Grüße 🎉", 1), {"a": None}';
  return [
    ...['zlib', 'gzip', 'brotli', 'zstd'].map((method) => isRun(`${method}`, `inspect.apply_async(${call}, compression="${method}")`)),
    isRun('task protocol 1', `v1.send_task("live.inspect", ${call})`),
    isRun('task protocol 1 with countdown and expires', `v1.send_task("live.inspect", ${call}, countdown=1, expires=60)`),
    isRun('an envelope that is not base64', `plain.send_task("live.inspect", ${call})`),
    isRun('a body that is not base64', `plain_body.send_task("live.inspect", ${call})`),
    isRun('a predefined queue', `predefined.send_task("live.inspect", ${call})`),
    isRun('message attributes', `inspect.apply_async(${call}, message_attributes={"k": {"DataType": "String", "StringValue": "v"}})`),
    {
      name: 'a FIFO group keeps its order',
      run: async () => {
        const ids = await python.value<string[]>('[inspect.apply_async((n,), queue="ts.fifo", MessageGroupId="g").id for n in range(5)]');
        const ran5 = await Promise.all(ids.map((id) => ran(id)));
        const inOrder = [...ran5].sort((a, b) => a.at - b.at).map(({ args }) => args[0]);
        deepEqual(inOrder, [0, 1, 2, 3, 4]);
        equal(ran5[0]?.request.queue, 'ts.fifo');
      },
    },
  ];
}

/** Several tasks that belong together. */
function trees({ python, ran, stored }: World): readonly Case[] {
  return [
    {
      name: 'a group of two, joined by Python',
      run: async () => {
        const { id, ids } = await python.value<{ id: string; ids: string[] }>('group(inspect.s(1), inspect.s(2)).apply_async()');
        const both = await Promise.all(ids.map((member) => ran(member)));
        deepEqual(
          both.map(({ request }) => [request.group, request.groupIndex, request.args[0]]),
          [
            [id, 0, 1],
            [id, 1, 2],
          ],
        );
        await Promise.all(ids.map((member) => stored(member)));
        deepEqual(await python.value(`GroupResult(${quoted(id)}, [result(i) for i in ${quoted(ids)}]).get(timeout=1)`), [[1], [2]]);
      },
    },
    {
      name: 'a task sent by a running Python task has it for parent and root',
      run: async () => {
        const parent = await python.send('app.send_task("py.parent")');
        const { result: child, children } = await stored(parent);
        const { request, args } = await ran(String(child));
        deepEqual([args, request.parentId, request.rootId], [['from Python'], parent, parent]);
        deepEqual(children, [[[child, null], null]]);
        equal((await stored(String(child))).parent_id, parent);
      },
    },
  ];
}
