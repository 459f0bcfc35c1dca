/** Retries across both sides: an attempt here, the next one there, and nothing of the message is lost on the way. */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { ApplyOptions } from '../../../../src/index.ts';
import { type Case, eventually } from '../case.ts';
import type { Run } from '../tasks.ts';
import type { Seen, World } from '../world.ts';

export function retries(world: World): readonly Case[] {
  return [...handedOver(world), ...alike(world), ...ofBoth(world)];
}

const NAME = 'both.pass_on';
const WAIT = { timeout: 20, interval: 0.05 };
const quoted = JSON.stringify;

/** A text of Python that sends the task with all a message can carry. The ids are of the caller's choosing. */
const loaded = (queue: string, args: string, id = 'None', more = ''): string =>
  `(lambda s: (s.stamp(run=7, tags=["a", "b"]), s.apply_async())[1])(app.signature("${NAME}", args=${args}, options=dict(task_id=${id}, queue="${queue}",
    headers={"tenant": "Zoë", "deep": {"n": [1]}}, shadow="other", reply_to="here", priority=3, time_limit=30, soft_time_limit=20.5,
    group_id="g", group_index=2, root_id="r", expires=datetime(2099, 1, 2, 3, 4, 5, 678900, timezone.utc)${more})))`.replaceAll('\n', ' ');

/** A run of this attempt in Python, or here. */
async function attempt(world: World, taskId: string, retries: number): Promise<Seen> {
  return await world.seen(`attempt ${retries} of ${taskId}`, (seen) => seen.id === taskId && seen['retries'] === retries);
}

async function attemptHere({ runs }: World, taskId: string, retries: number): Promise<Run> {
  return await eventually(`attempt ${retries} of ${taskId} here`, () =>
    runs.get(taskId)?.find(({ request }) => request.retries === retries),
  );
}

function handedOver(world: World): readonly Case[] {
  const { app, python, stored, allSeen, runs } = world;
  return [
    {
      name: 'Python’s retry is continued here, with all it carried',
      run: async () => {
        const id = await python.send(loaded('py', '(["ts"], {"countdown": 1})'));
        const { request } = await attemptHere(world, id, 1);
        const { rootId, parentId, group, groupIndex, stamps, stampedHeaders, timeLimit, shadow, replyTo, expires, deliveryInfo } = request;
        deepEqual(
          { rootId, parentId, group, groupIndex, stamps, timeLimit, shadow, replyTo, expires, priority: deliveryInfo.priority },
          {
            rootId: 'r',
            parentId: id,
            group: 'g',
            groupIndex: 2,
            stamps: { run: 7, tags: ['a', 'b'] },
            timeLimit: [30, 20.5],
            shadow: 'other',
            replyTo: 'here',
            expires: '2099-01-02T03:04:05.678900+00:00',
            priority: 3,
          },
        );
        deepEqual([...stampedHeaders].sort(), ['run', 'tags']);
        deepEqual([request.headers['tenant'], request.headers['deep'], request.queue], ['Zoë', { n: [1] }, 'ts']);
        const { status, result, retries, parent_id } = await stored(id);
        deepEqual({ status, result, retries, parent_id }, { status: 'SUCCESS', result: ['TypeScript', 1], retries: 1, parent_id: id });
        equal(await python.value(`got(${quoted(id)})`), "['TypeScript', 1]");
      },
    },
    {
      name: 'our retry is continued by Python, with all it carried',
      run: async () => {
        const options: ApplyOptions = {
          queue: 'ts',
          headers: { tenant: 'Zoë', deep: { n: [1] } },
          stamps: { run: 7 },
          shadow: 'other',
          replyTo: 'here',
          priority: 3,
          timeLimit: 30,
          softTimeLimit: 20.5,
          groupId: 'g',
          groupIndex: 2,
          rootId: 'r',
          expires: new Date('2099-01-02T03:04:05.678Z'),
        };
        const sent = await app.sendTask(NAME, [['py'], { countdown: 1 }], options);
        deepEqual(await sent.get(WAIT), ['Python', 1]);
        const {
          root_id,
          parent_id,
          group,
          group_index,
          stamps,
          stamped_headers,
          timelimit,
          shadow,
          reply_to,
          correlation_id,
          expires,
          headers,
        } = await attempt(world, sent.id, 1);
        deepEqual(
          { root_id, parent_id, group, group_index, stamps, stamped_headers, timelimit, shadow, reply_to, correlation_id, expires },
          {
            root_id: 'r',
            parent_id: sent.id,
            group: 'g',
            group_index: 2,
            stamps: { run: 7 },
            stamped_headers: ['run'],
            timelimit: [30, 20.5],
            shadow: 'other',
            reply_to: 'here',
            correlation_id: sent.id,
            expires: '2099-01-02T03:04:05.678000+00:00',
          },
        );
        const { tenant, deep } = headers as Record<string, unknown>;
        deepEqual([tenant, deep], ['Zoë', { n: [1] }]);
      },
    },
    {
      name: 'four attempts go to and fro, under one id',
      run: async () => {
        const sent = await app.sendTask(NAME, [['ts', 'py', 'ts'], { countdown: 1 }], { queue: 'py' });
        deepEqual(await sent.get(WAIT), ['TypeScript', 3]);
        deepEqual(
          (await allSeen()).filter(({ id }) => id === sent.id).map((seen) => seen['retries']),
          [0, 2],
        );
        deepEqual(
          runs.get(sent.id)?.map(({ request }) => request.retries),
          [1, 3],
        );
      },
    },
    {
      name: 'a retry of Python’s by itself (autoretry_for) is continued here',
      run: async () => {
        const id = await python.send('app.send_task("both.auto")');
        const { request } = await attemptHere(world, id, 1);
        deepEqual([request.parentId, request.rootId], [id, id]);
        await stored(id);
        const { type, args } = await python.value<Record<string, unknown>>(`error(${quoted(id)})`);
        deepEqual([type, args], ['TypeError', ['attempt 1']]);
      },
    },
    {
      name: 'a retry of Python’s in 2 s is waited for here',
      run: async () => {
        const before = Date.now();
        const id = await python.send(`app.send_task("${NAME}", (["ts"], {"countdown": 2}))`);
        const { at } = await attemptHere(world, id, 1);
        ok(at >= before + 2000, `ran ${at - before} ms after it was sent; expected 2000 or more`);
        equal(runs.get(id)?.length, 1);
      },
    },
    {
      name: 'a retry of ours in 2 s is waited for by Python',
      run: async () => {
        const before = Date.now();
        const { id } = await app.sendTask(NAME, [['py'], { countdown: 2 }]);
        const { at, eta } = await attempt(world, id, 1);
        ok(at * 1000 >= before + 2000, `ran ${at * 1000 - before} ms after it was sent; expected 2000 or more`);
        ok(at * 1000 >= Date.parse(String(eta)), `ran at ${at}; its eta is ${String(eta)}`);
      },
    },
  ];
}

/** The same message goes through an attempt of Python's and through one of ours; what they send on is compared field by field. */
function alike(world: World): readonly Case[] {
  const nextAfter = async (send: string, besides: readonly string[]): Promise<object> =>
    comparable(await attempt(world, await world.python.send(send), 1), besides);
  const isAlike = (name: string, sendTo: (queue: string) => string, besides: readonly string[] = []): Case => ({
    name: `our next attempt is Python’s, field by field: ${name}`,
    run: async () => {
      const [python, ours] = await Promise.all([nextAfter(sendTo('py'), besides), nextAfter(sendTo('ts'), besides)]);
      deepEqual(ours, python);
    },
  });
  const plain =
    (options = '', more = '') =>
    (queue: string) =>
      `app.send_task("${NAME}", (["py"], {${options}}), queue="${queue}"${more})`;
  return [
    isAlike('a message with nothing', plain()),
    isAlike('a message with everything', (queue) => loaded(queue, '(["py"],)')),
    isAlike('a message with an option nobody knows', plain('', ', colour="red"')),
    // It tells no origin, and Python takes its method for a header.
    isAlike('a message of task protocol 1', (queue) => plain()(queue).replace(/^app/, 'v1'), ['origin', 'headers']),
    isAlike('a message that replaced another', plain('', ', replaced_task_nesting=2')),
    isAlike('a message with a parent', plain('', ', parent_id="p", root_id="r"')),
    isAlike('a message that keeps no result', plain('', ', ignore_result=True')),
    isAlike('a compressed message', plain('', ', compression="zlib"')),
    isAlike('a retry with headers', plain('"headers": {"b": 2}', ', headers={"a": 1}')),
    isAlike('a retry with a priority', plain('"priority": 5', ', priority=3')),
    isAlike('a retry with a shadow', plain('"shadow": "new"', ', shadow="old"')),
    isAlike('a retry that expires', plain('"expires": "2098-01-01T00:00:00+00:00"')),
  ];
}

/**
 * A run in Python without what differs of itself: ids, times, receipts, and who wrote it. Python leaks `origin` into the properties,
 * and says what an absent `ignore_result` comes to; ours leaves that to the task, which is there to say the same.
 */
function comparable({ at: _at, lang: _lang, ignore_result, properties, ...seen }: Seen, besides: readonly string[]): object {
  const { delivery_tag: _tag, delivery_info, origin: _origin, expiration, ...others } = properties as Record<string, unknown>;
  const { exchange, routing_key } = delivery_info as Record<string, unknown>;
  const comparableProperties = { ...others, delivery_info: { exchange, routing_key }, expires: expiration !== undefined };
  const fields = { ...seen, ignore_result: ignore_result ?? false, properties: comparableProperties };
  const compared = Object.entries(fields).filter(([field]) => !besides.includes(field));
  return JSON.parse(quoted(Object.fromEntries(compared)).replaceAll(seen.id, '<id>')) as object;
}

/** Tasks that both sides have: whichever runs them, the end is the same. */
function ofBoth({ python, stored }: World): readonly Case[] {
  const endsIn = (name: string, queue: 'py' | 'ts', args: string, expected: unknown): Case => ({
    name: `other arguments for the next attempt, ${name}, in ${queue === 'py' ? 'Python' : 'TypeScript'}`,
    run: async () => {
      const { result } = await stored(await python.send(`app.send_task("both.change", ${args}, queue="${queue}")`));
      deepEqual(result, expected);
    },
  });
  const beside = ['(1,), {"y": 5}', [2, 5]] as const;
  const instead = ['(), {"x": 1, "y": 5}', [2, 5]] as const;
  return [
    endsIn('keywords beside them kept', 'py', ...beside),
    endsIn('keywords beside them kept', 'ts', ...beside),
    endsIn('in place of a keyword', 'py', ...instead),
    endsIn('in place of a keyword', 'ts', ...instead),
  ];
}
