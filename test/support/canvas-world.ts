/** An app with tasks to compose, over memory transport and backend; messages are delivered until the queue is empty, as a mapping does. */

import { type App, createApp } from '../../src/app/app.ts';
import type { Settings } from '../../src/app/settings.ts';
import type { ResultBackend } from '../../src/backends/backend.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import type { TaskHeaders } from '../../src/wire/message.ts';
import type { ResultDocument } from '../../src/wire/result.ts';
import { createConsumer } from '../../src/worker/consumer.ts';
import { isAcknowledged } from '../../src/worker/disposition.ts';
import { createFakeClock } from './fake-clock.ts';
import { createRecordingLogger } from './recording.ts';
import { readSent } from './worker.ts';

/** A call of a task's function, in the order in which they were made. */
export interface Call {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly headers: TaskHeaders;
}

export interface CanvasWorldOptions {
  readonly settings?: Partial<Settings>;
  /** What is connected in place of the memory backend. */
  readonly backendFor?: (memory: ResultBackend) => ResultBackend;
}

/** The memory backend without the parts of these names. */
export function without(...names: readonly (keyof ResultBackend)[]): (memory: ResultBackend) => ResultBackend {
  return (memory) => {
    const kept = Object.entries(memory).filter(([name]) => !names.includes(name as keyof ResultBackend));
    return Object.fromEntries(kept) as unknown as ResultBackend;
  };
}

export function createCanvasWorld({ settings = {}, backendFor = (memory) => memory }: CanvasWorldOptions = {}) {
  const clock = createFakeClock(undefined, { autoAdvance: true });
  const memory = createMemoryTransport({ clock, visibilityTimeoutSeconds: 30, maxReceiveCount: 1000 });
  const results = createMemoryBackend({ clock });
  const logger = createRecordingLogger();
  const app = createApp('canvas', { taskPublishRetryPolicy: { maxRetries: 0 }, ...settings });
  app.connect({ transport: memory, backend: backendFor(results), clock, logger });
  const calls: Call[] = [];
  app.on('taskPrerun', ({ request }) => {
    calls.push({ task: request.task, args: request.args, headers: request.headers as TaskHeaders });
  });
  let consume: ReturnType<typeof createConsumer> | undefined;
  const run = async (queue = 'celery', mostTurns = 300): Promise<void> => {
    consume ??= createConsumer(app, { hostname: 'h', pid: 1 });
    for (let turns = 0; memory.messages(queue).length > 0; turns++) {
      if (turns > mostTurns) throw new Error('the queue does not get empty');
      for (const delivery of await memory.inbox.receive(queue, { max: 10 })) {
        if (isAcknowledged(await consume(delivery))) await memory.inbox.done(delivery);
      }
      await clock.advance(1000);
    }
  };
  return {
    app,
    clock,
    memory,
    results,
    logger,
    calls,
    run,
    /** Names of the tasks that ran, in order. */
    ran: () => calls.map(({ task }) => task),
    callsOf: (task: string) => calls.filter((call) => call.task === task),
    document: (id: string): Promise<ResultDocument | undefined> => results.fetch(id),
    waiting: () => memory.messages('celery').map(({ body }) => readSent({ queue: 'celery', id: 'x', body })),
  };
}

/** Tasks whose names say what they do. */
export function createCanvasTasks(app: App) {
  return {
    add: app.task('add', { params: ['x', 'y'] }, (x: number, y: number) => x + y),
    double: app.task('double', { params: ['x'] }, (x: number) => 2 * x),
    sum: app.task('sum', { params: ['all'] }, (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0)),
    same: app.task('same', { params: ['value'] }, (value: unknown) => value),
    nothing: app.task('nothing', () => {}),
    fail: app.task('fail', (..._values: unknown[]): number => {
      throw new RangeError('boom');
    }),
    /** The old style of errbacks: an id and no more. */
    told: app.task('told', (id: string) => `told of ${id}`),
  };
}
