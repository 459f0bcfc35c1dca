/** What each side reads of the other's retries: the state between two attempts, and the failure when no attempt is left. */

import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import type { AsyncResult } from '../../../../src/index.ts';
import { decodeException } from '../../../../src/wire/exception.ts';
import type { Case } from '../case.ts';
import type { World } from '../world.ts';

export function retryResults(world: World): readonly Case[] {
  return [...exhausted(world), ...waiting(world)];
}

const WAIT = { timeout: 20, interval: 0.05 };
const quoted = JSON.stringify;

/** No attempt left. */
function exhausted(world: World): readonly Case[] {
  const { app, python, stored, runs, allSeen } = world;
  const failureHere = async (text: string): Promise<readonly unknown[]> => {
    const id = await python.send(text);
    await stored(id);
    equal(runs.get(id)?.length, 2);
    const { state, type, module, args } = await python.value<Record<string, unknown>>(`error(${quoted(id)})`);
    return [state, type, module, JSON.parse(quoted(args).replaceAll(id, '<id>'))];
  };
  const failureThere = async (sent: AsyncResult, excType: string, excModule: string, text: RegExp): Promise<void> => {
    await rejects(sent.get(WAIT), { name: 'RemoteError', excType, excModule, message: text });
    equal((await allSeen()).filter(({ id }) => id === sent.id).length, 2);
  };
  return [
    {
      name: 'ours are MaxRetriesExceededError in Python, with Celery’s words',
      run: async () =>
        deepEqual(await failureHere('app.send_task("live.give_up", (None,))'), [
          'FAILURE',
          'MaxRetriesExceededError',
          'celery.exceptions',
          ["Can't retry live.give_up[<id>] args:(None,) kwargs:{}"],
        ]),
    },
    {
      name: 'ours with a cause are the cause in Python',
      run: async () =>
        deepEqual(await failureHere('app.send_task("live.give_up", ("no more",))'), ['FAILURE', 'TypeError', 'builtins', ['no more']]),
    },
    {
      name: 'ours by themselves end as the last error in Python',
      run: async () =>
        deepEqual(await failureHere('app.send_task("both.auto", queue="ts")'), ['FAILURE', 'TypeError', 'builtins', ['attempt 1']]),
    },
    {
      name: 'Python’s are MaxRetriesExceededError here',
      run: async () => {
        const sent = await app.sendTask('py.give_up', [null]);
        await failureThere(
          sent,
          'MaxRetriesExceededError',
          'celery.exceptions',
          /Can't retry py\.give_up\[[-\w]+\] args:\(None,\) kwargs:\{\}$/,
        );
      },
    },
    {
      name: 'Python’s with a cause are the cause here',
      run: async () => failureThere(await app.sendTask('py.give_up', ['no more']), 'TypeError', 'builtins', /no more$/),
    },
  ];
}

/** RETRY, the state between two attempts. */
function waiting({ app, python, stored }: World): readonly Case[] {
  const isRetry = ({ status }: { status: string }): boolean => status === 'RETRY';
  const send = async (queue: string, cause: string | null = 'passed on', options: object = {}): Promise<string> => {
    const { id } = await app.sendTask('both.pass_on', [[queue], { countdown: 2, ...options }, cause], { queue });
    await stored(id, isRetry);
    return id;
  };
  const hasNoCause = (name: string, queue: 'py' | 'ts', options?: object): Case => ({
    name: `a retry ${name} has none in Python`,
    run: async () => {
      const { state, cause } = await python.value<Record<string, unknown>>(`waiting(${quoted(await send(queue, null, options))})`);
      deepEqual({ state, cause }, { state: 'RETRY', cause: null });
    },
  });
  return [
    {
      name: 'our state RETRY is Celery’s in Python, with its cause',
      run: async () => {
        const id = await send('ts');
        const { traceback, ...found } = await python.value<Record<string, unknown>>(`waiting(${quoted(id)})`);
        deepEqual(found, {
          state: 'RETRY',
          ready: false,
          cause: ['TypeError', 'builtins', ['passed on']],
          children: [[[id, null], null]],
          date_done: null,
        });
        match(String(traceback), /^TypeError: passed on\n\s+at /);
        deepEqual((await stored(id)).result, ['TypeScript', 1]);
      },
    },
    {
      name: 'Python’s state RETRY is read here, with its cause',
      run: async () => {
        const id = await send('py');
        const handle = app.asyncResult(id);
        deepEqual([await handle.state(), await handle.ready()], ['RETRY', false]);
        const { result, children, date_done, traceback } = await stored(id, isRetry);
        const { excType, excModule, excArgs } = decodeException(result, traceback);
        deepEqual([excType, excModule, excArgs, date_done], ['TypeError', 'builtins', ['passed on'], null]);
        deepEqual(children, [[[id, null], null]]);
        deepEqual(await handle.get(WAIT), ['Python', 1]);
      },
    },
    hasNoCause('without a cause, stored by Python,', 'py'),
    hasNoCause('without a cause, stored by us,', 'ts'),
    hasNoCause('whose cause is None', 'py', { exc: null }),
    hasNoCause('whose cause is null', 'ts', { exc: null }),
    {
      name: 'the documents of both have the same fields',
      run: async () => {
        const fields = async (queue: string): Promise<readonly string[]> => Object.keys(await stored(await send(queue), isRetry));
        deepEqual(await fields('ts'), await fields('py'));
      },
    },
  ];
}
