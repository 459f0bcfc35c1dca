/** Tasks that only compute, wait, fail, or tell of their request. */

import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, Reject } from '../../../../src/index.ts';
import { nameOf, plus, SuiteError, sum, ValueError } from './python.ts';

export type PlainTasks = ReturnType<typeof registerPlain>;

/** The tasks that others build canvases of come back. */
export function registerPlain(app: App) {
  const identity = app.task(nameOf('identity'), { params: ['x'] }, (x: unknown): unknown => x);
  const add = app.task(nameOf('add'), { params: ['x', 'y', 'z'] }, (x: unknown, y: unknown, z: unknown = null): unknown =>
    z ? plus(plus(x, y), z) : plus(x, y),
  );
  const tsum = app.task(nameOf('tsum'), { params: ['nums'] }, (nums: unknown): unknown => sum(nums));
  const raiseError = app.task(nameOf('raise_error'), (..._: unknown[]): never => {
    throw new ValueError('deliberate error');
  });
  const fail = app.task(nameOf('fail'), (...args: unknown[]): never => {
    throw new SuiteError('ExpectedException', 'Task expected to fail', ...args);
  });
  registerSums(app);
  registerFailures(app);
  registerSleepers(app);
  registerRequests(app);
  return { identity, add, tsum, raiseError, fail };
}

function registerSums(app: App): void {
  app.task(nameOf('mul'), { params: ['x', 'y'] }, (x: number, y: number) => x * y);
  app.task(nameOf('write_to_file_and_return_int'), { params: ['file_name', 'i'] }, async (file: string, i: number) => {
    await appendFile(file, `${i}\n`);
    return i;
  });
  for (const [name, options] of [
    ['add_not_typed', {}],
    ['add_ignore_result', { ignoreResult: true }],
    ['add_with_result', { ignoreResult: false }],
  ] as const) {
    app.task(nameOf(name), { params: ['x', 'y'], ...options }, (x: unknown, y: unknown) => plus(x, y));
  }
  app.task(nameOf('xsum'), { params: ['nums'] }, (nums: unknown[]) => sum(nums.map((num) => (Array.isArray(num) ? sum(num) : num))));
  for (const name of ['add_pydantic', 'add_pydantic_string_annotations']) {
    app.task(nameOf(name), { params: ['data'] }, ({ x, y }: { x: number; y: number }) => ({ result: x + y }));
  }
}

function registerFailures(app: App): void {
  app.task(nameOf('fail_unpickleable'), { params: ['foo', 'bar'] }, (foo: unknown, _bar: unknown): never => {
    throw new SuiteError('UnpickleableException', foo);
  });
  app.task(nameOf('reject_without_requeue'), (): never => {
    throw new Reject('rejected', { requeue: false });
  });
  app.task(nameOf('reject_then_succeed'), { bind: true, acksLate: true }, (self) => {
    if (!self.request.deliveryInfo.redelivered) throw new Reject(undefined, { requeue: true });
    return 'second-pass';
  });
}

function registerSleepers(app: App): void {
  app.task(nameOf('sleeping'), { kwargs: true }, async (i: number, _kwargs: object) => {
    await sleep(i * 1000);
    return null;
  });
  app.task(
    nameOf('delayed_sum'),
    { bind: true, params: ['numbers', 'pause_time'] },
    async (self, numbers: unknown, pauseTime: number = 1) => {
      await sleep(pauseTime * 1000, undefined, { signal: self.signal });
      return sum(numbers);
    },
  );
  app.task(
    nameOf('delayed_sum_with_soft_guard'),
    { bind: true, params: ['numbers', 'pause_time'] },
    async (self, numbers: unknown, pauseTime: number = 1) => {
      try {
        await sleep(pauseTime * 1000, undefined, { signal: self.signal });
        return sum(numbers);
      } catch (error) {
        if (self.signal.aborted) return 0;
        throw error;
      }
    },
  );
}

/** Tasks whose result says how they were called. */
function registerRequests(app: App): void {
  app.task(
    nameOf('print_unicode'),
    { params: ['log_message', 'print_message'] },
    (logged: string = 'håå®ƒ valmuefrø', printed: string = 'hiöäüß'): void => {
      console.log(logged, printed);
    },
  );
  app.task(nameOf('return_exception'), { params: ['e'] }, (e: unknown) => [e, true]);
  app.task(nameOf('ids'), { bind: true, params: ['i'] }, ({ request }, i: unknown) => [request.rootId, request.parentId, i]);
  app.task(nameOf('collect_ids'), { bind: true, params: ['res', 'i'] }, ({ request }, res: unknown, i: unknown) => [
    res,
    [request.rootId, request.parentId, i],
  ]);
  app.task(nameOf('return_priority'), { bind: true }, ({ request }, ..._: unknown[]) => `Priority: ${request.deliveryInfo.priority}`);
  app.task(nameOf('return_request_eta'), { bind: true }, ({ request }) => request.eta);
  app.task(nameOf('return_properties'), { bind: true }, ({ request }) => request.properties);
  app.task(nameOf('replaced_with_me'), () => true);
  for (const [name, limits] of [
    ['return_request_time_limits', {}],
    ['task_with_declared_time_limits', { timeLimit: 60, softTimeLimit: 45 }],
  ] as const) {
    app.task(nameOf(name), { bind: true, ...limits }, ({ request }) => {
      const [hard, soft] = request.timeLimit;
      return { time_limit: hard, soft_time_limit: soft };
    });
  }
}
