/** Good and bad uses of a bound task's `self`. The compiler is the test. */

import { type AsyncResult, createApp, type TaskResult } from 'celeriac';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

const app = createApp('types');
const add = app.task('add', (x: number, y: number) => x + y);

// ── updateState ─────────────────────────────────────────────────────────────

const slow = app.task('slow', { bind: true }, async (self, total: number) => {
  await self.updateState({ state: 'PROGRESS', meta: { done: 1, total } });
  await self.updateState({ state: 'PROGRESS' });
  await self.updateState({ state: 'PROGRESS', meta: null, taskId: 'another' });
  await self.updateState({ state: 'PROGRESS', meta: [new Date(), 'x'] });
  // @ts-expect-error a state has a name
  await self.updateState({ meta: 1 });
  // @ts-expect-error a map does not cross the wire
  await self.updateState({ state: 'PROGRESS', meta: new Map([['a', 1]]) });
  // @ts-expect-error nor does a function
  await self.updateState({ state: 'PROGRESS', meta: { done: () => 1 } });
  return 'done';
});
holds<Equal<TaskResult<typeof slow>, string>>();

// ── replace ─────────────────────────────────────────────────────────────────

const swap = app.task('swap', { bind: true }, (self, x: number): number => {
  if (x > 1) self.replace(add.s(x, 1));
  // @ts-expect-error a task is no signature
  if (x > 2) self.replace(add);
  return x;
});
holds<Equal<TaskResult<typeof swap>, number>>();

const always = app.task('always', { bind: true }, (self, x: number): number => self.replace(add.s(x, 1)));
holds<Equal<TaskResult<typeof always>, number>>();

// ── addToChord ──────────────────────────────────────────────────────────────

app.task('more', { bind: true }, async (self, x: number) => {
  const added = await self.addToChord(add.s(x, 1));
  holds<Equal<typeof added, AsyncResult>>();
  // @ts-expect-error neither arguments nor a name will do
  await self.addToChord('add', [1]);
});
