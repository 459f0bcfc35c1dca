/** The tasks of the canvas cases that run here, `ts.add` and so on, and fleets: the tasks of both sides by one name. canvas_tasks.py has the same. */

import { setTimeout as pause } from 'node:timers/promises';
import { type App, chain, chord, group, Ignore, type TaskRef, type TaskRequest } from '../../../src/index.ts';

export type Side = 'ts' | 'py';

/** The tasks of one side; what a bound task is handed comes from whoever runs it. */
interface Tasks {
  readonly add: TaskRef<[x: number, y: number], number>;
  readonly mul: TaskRef<[x: number, y: number], number>;
  readonly total: TaskRef<[numbers: readonly number[]], number>;
  readonly echo: TaskRef<[...args: unknown[]], unknown[]>;
  readonly nothing: TaskRef<[], null>;
  readonly fail: TaskRef<[text: string], never>;
  readonly stamps: TaskRef<[...args: unknown[]], Record<string, unknown>>;
  readonly origin: TaskRef<[...args: unknown[]], string>;
  readonly once: TaskRef<[value: unknown, name: string], unknown>;
  readonly apologise: TaskRef<[taskId: string], string>;
  readonly hear: TaskRef<[request: unknown, error: unknown, traceback: unknown], null>;
  readonly becomes: TaskRef<[x: number, sides: readonly Side[]], number>;
  readonly becomes_group: TaskRef<[x: number, sides: readonly Side[]], number[]>;
  readonly becomes_chord: TaskRef<[x: number, sides: readonly Side[]], number>;
  readonly spread: TaskRef<[x: number, sides: readonly Side[]], string>;
  readonly progress: TaskRef<[name: string], string>;
  readonly stays: TaskRef<[], never>;
}

export interface Fleet extends Tasks {
  readonly sides: readonly Side[];
}

/** Tasks by their bare name; each is of the next side. */
export function fleetOf(app: App, sides: readonly Side[]): Fleet {
  let used = 0;
  const get = (_: object, name: string): unknown => {
    if (name === 'sides') return sides;
    used += 1;
    return app.declare(`${sides[(used - 1) % sides.length]}.${name}`);
  };
  return new Proxy({}, { get }) as Fleet;
}

/** What tasks of both sides tell each other, and us. */
export interface Journal {
  tell(...line: readonly string[]): Promise<void>;
  told(...line: readonly string[]): Promise<number>;
}

export function registerCanvasTasks(app: App, journal: Journal): void {
  app.task('ts.add', { params: ['x', 'y'] }, (x: number, y: number) => x + y);
  app.task('ts.mul', (x: number, y: number) => x * y);
  app.task('ts.total', (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0));
  app.task('ts.echo', (...args: unknown[]) => args);
  app.task('ts.nothing', () => {});
  app.task('ts.fail', (text: string): never => {
    throw Object.assign(new Error(text), { excType: 'ValueError', excModule: 'builtins' });
  });
  app.task('ts.stamps', { bind: true }, ({ request }, ..._: unknown[]) => request.stamps);
  app.task('ts.origin', { bind: true }, ({ request }, ..._: unknown[]) => request.origin);
  app.task('ts.once', async (value: unknown, name: string) => {
    await journal.tell('once', name);
    return value;
  });
  app.task('ts.apologise', (taskId: string) => `sorry for ${taskId}`);
  app.task('ts.hear', async ({ id }: TaskRequest, error: Error, _traceback: string | null) => {
    await journal.tell('hear', id, error.message);
  });
  registerReplaced(app);
  app.task('ts.spread', async (x: number, sides: readonly Side[]) => {
    const t = fleetOf(app, sides);
    await t.add.s(x, 1).applyAsync();
    await group(t.add.s(x, 2), t.add.s(x, 3)).applyAsync();
    return 'spread';
  });
  app.task('ts.progress', { bind: true }, async (self, name: string) => {
    await self.updateState({ state: 'PROGRESS', meta: { done: 1, of: 2 } });
    for (let looks = 0; looks < 500 && (await journal.told('go', name)) === 0; looks += 1) await pause(20);
    return 'done';
  });
  app.task('ts.stays', { bind: true }, async (self): Promise<never> => {
    await self.updateState({ state: 'HALFWAY', meta: [1, 2] });
    throw new Ignore();
  });
}

function registerReplaced(app: App): void {
  app.task('ts.becomes', { bind: true }, (self, x: number, sides: readonly Side[]) => {
    const t = fleetOf(app, sides);
    self.replace(chain(t.add.s(x, 1), t.add.s(10)));
  });
  app.task('ts.becomes_group', { bind: true }, (self, x: number, sides: readonly Side[]) => {
    const t = fleetOf(app, sides);
    self.replace(group(t.add.s(x, 1), t.add.s(x, 2)));
  });
  app.task('ts.becomes_chord', { bind: true }, (self, x: number, sides: readonly Side[]) => {
    const t = fleetOf(app, sides);
    self.replace(chord([t.add.s(x, 1), t.add.s(x, 2)], t.total.s()));
  });
}
