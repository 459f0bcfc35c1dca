/** Result documents: failures of ours rebuilt by Python's Celery, and Python's read by us. */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { type AsyncResult, RemoteError } from '../../../../src/index.ts';
import type { Case } from '../case.ts';
import type { World } from '../world.ts';

export function results(world: World): readonly Case[] {
  return [...ours(world), ...pythons(world)];
}

interface Rebuilt {
  readonly state: string;
  readonly type: string;
  readonly module: string;
  readonly args: readonly unknown[];
  readonly traceback: string | null;
}

/** Class, module and arguments that Python must make of what our task threw. Unknown classes Celery makes up, in celery.exceptions. */
const FAILURES: readonly (readonly [kind: string, type: string, module: string, args: readonly unknown[]])[] = [
  ['error', 'Error', 'celery.exceptions', ['Grüße 🎉']],
  ['type', 'TypeError', 'builtins', ['not so']],
  ['range', 'RangeError', 'celery.exceptions', ['too far']],
  ['reference', 'ReferenceError', 'celery.exceptions', ['x is not defined']],
  ['own', 'PaymentRefused', 'celery.exceptions', ['card declined']],
  ['fields', 'ValueError', 'builtins', ['boom', 7, null]],
  ['remote', 'Refused', 'tasks', ['again', { code: 5 }]],
  ['text', 'Exception', 'builtins', ["'thrown text'"]],
  ['nothing', 'Error', 'celery.exceptions', []],
];

function ours({ python, stored }: World): readonly Case[] {
  return [
    ...FAILURES.map(([kind, type, module, args]) => ({
      name: `our failure «${kind}» is ${module}.${type} in Python`,
      run: async () => {
        const id = await python.send(`fail.delay("${kind}")`);
        const { result, traceback } = await stored(id);
        const found = await python.value<Rebuilt>(`error(${JSON.stringify(id)})`);
        deepEqual([found.state, found.type, found.module, found.args], ['FAILURE', type, module, args]);
        equal(found.traceback, traceback);
        deepEqual(await python.value(`rebuilt(json.loads(${JSON.stringify(JSON.stringify(result))}))`), { type, module, args });
      },
    })),
    {
      name: 'our failure with a big integer and NaN among its arguments',
      run: async () => {
        const id = await python.send('fail.delay("big")');
        await stored(id);
        equal(await python.value(`repr(result(${JSON.stringify(id)}).result.args)`), '(1180591620717411303424, nan)');
      },
    },
    {
      name: 'our extended document is Celery’s',
      run: async () => {
        const id = await python.send('inspect.apply_async((1, date(2030, 1, 2)), {"a": Decimal("1.0")})');
        await stored(id);
        const [name, args, kwargs, queue, retries, done] = await python.value<unknown[]>(
          `(lambda r: [r.name, repr(r.args), repr(r.kwargs), r.queue, r.retries, repr(type(r.date_done))])(result(${JSON.stringify(id)}))`,
        );
        deepEqual(
          [name, args, kwargs, queue, retries, done],
          ['live.inspect', '[1, datetime.date(2030, 1, 2)]', "{'a': Decimal('1.0')}", 'ts', 0, "<class 'datetime.datetime'>"],
        );
      },
    },
  ];
}

function pythons({ app, stored }: World): readonly Case[] {
  const failure = async (kind: string): Promise<{ readonly error: RemoteError; readonly sent: AsyncResult }> => {
    const sent = await app.sendTask('py.fail', [kind]);
    const error = await sent.get({ timeout: 20, interval: 0.05 }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof RemoteError) return { error, sent };
    throw new Error(`expected a RemoteError; found ${String(error)}`);
  };
  const isRead = (kind: string, excType: string, excModule: string, excArgs: readonly unknown[]): Case => ({
    name: `Python’s failure «${kind}» is a RemoteError`,
    run: async () => {
      const { error, sent } = await failure(kind);
      deepEqual([error.excType, error.excModule, error.excArgs], [excType, excModule, excArgs]);
      ok(error.traceback?.startsWith('Traceback (most recent call last):'), `traceback is ${error.traceback}`);
      equal(await sent.state(), 'FAILURE');
    },
  });
  return [
    isRead('value', 'ValueError', 'builtins', ['boom', 7]),
    isRead('key', 'KeyError', 'builtins', ['missing']),
    isRead('own', 'Refused', 'tasks', ['Grüße 🎉', { code: 5 }]),
    isRead('nested', 'Outer.Inner', 'tasks', ['inside']),
    isRead('unsendable', 'Refused', 'tasks', ["<class 'object'>", 1]),
    isRead('big', 'ValueError', 'builtins', [2n ** 70n, Number.NaN]),
    {
      name: 'Python’s extended document',
      run: async () => {
        const { id } = await app.sendTask('py.inspect', [1, new Date(0)], { stamps: { run: 7 } });
        const { name, args, kwargs, queue, retries, status, stamped_headers, run, date_done } = await stored(id);
        deepEqual(
          { name, kwargs, queue, retries, status, stamped_headers, run },
          { name: 'py.inspect', kwargs: {}, queue: 'py', retries: 0, status: 'SUCCESS', stamped_headers: ['run'], run: 7 },
        );
        deepEqual([args?.[0], JSON.stringify(args?.[1])], [1, '"1970-01-01T00:00:00+00:00"']);
        ok(Math.abs(Date.parse(date_done ?? '') - Date.now()) < 60_000, `date_done is ${date_done}`);
      },
    },
  ];
}
