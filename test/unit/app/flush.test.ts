import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import type { Receipt } from '../../../src/transports/transport.ts';
import { accepted, createRecordingTransport } from '../../support/recording.ts';

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** An app whose transport answers when it is told to. */
function setUp() {
  const answers: (() => void)[] = [];
  const recording = createRecordingTransport();
  let flushes = 0;
  const transport = {
    ...recording,
    send: (batch: Parameters<typeof recording.send>[0]) =>
      new Promise<readonly Receipt[]>((resolve) => {
        void recording.send(batch);
        answers.push(() => resolve(batch.map(accepted)));
      }),
    flush: async () => {
      flushes += 1;
    },
  };
  const app = createApp('shop', { transport });
  return { app, add: app.task('tasks.add', (x: number, y: number) => x + y), answers, flushes: () => flushes };
}

describe('flush', () => {
  it('resolves at once when nothing was sent', async () => {
    const { app, flushes } = setUp();
    await app.flush();
    expect(flushes()).toBe(0);
  });

  it('resolves when all has been answered, and has the transport keep nothing back', async () => {
    const { app, add, answers, flushes } = setUp();
    void add.delay(1, 2);
    void add.s(3, 4).applyAsync();
    let flushed = false;
    const flush = app.flush().then(() => {
      flushed = true;
    });
    while (answers.length < 2) await settled();
    expect(flushes()).toBe(1);
    answers[0]!();
    await settled();
    expect(flushed).toBe(false);
    answers[1]!();
    await flush;
  });

  it('waits for what sendTasks has been given and not taken yet', async () => {
    const recording = createRecordingTransport();
    const app = createApp('shop', { transport: recording });
    const add = app.task('tasks.add', (x: number, y: number) => x + y);
    void app.sendTasks(Array.from({ length: 3000 }, (_, number) => add.s(number, 1)));
    await app.flush();
    expect(recording.sent).toHaveLength(3000);
  });

  it('does not reject when the app is not connected', async () => {
    const app = createApp('shop');
    const sent = expect(app.sendTask('x')).rejects.toThrow("The app 'shop' is not connected");
    await app.flush();
    const again = expect(app.sendTask('x')).rejects.toThrow("The app 'shop' is not connected");
    await app.flush();
    await Promise.all([sent, again]);
  });

  it('does not reject when what was sent was refused', async () => {
    const { app } = setUp();
    const sent = app.sendTask('x', [() => undefined]);
    const refused = expect(sent).rejects.toThrow();
    await app.flush();
    await refused;
  });
});

describe('a call that finds no room', () => {
  it('waits, keeps its place, and is written when there is room', async () => {
    const { app, add, answers } = setUp();
    const ended: number[] = [];
    const calls = Array.from({ length: 2500 }, (_, number) => add.delay(number, 0).then(() => ended.push(number)));
    const waves: number[] = [];
    for (let answered = 0; ended.length < 2500; ) {
      while (answers.length === answered) await settled();
      waves.push(answers.length - answered);
      for (; answered < answers.length; answered++) answers[answered]!();
      await settled();
    }
    await Promise.all(calls);
    expect(waves[0]).toBe(1000);
    expect(Math.max(...waves)).toBeLessThanOrEqual(1000);
    expect(ended).toEqual(Array.from({ length: 2500 }, (_, number) => number));
    await app.flush();
  });

  it('does not wait for a call whose observer sends', async () => {
    const { app, add, answers } = setUp();
    const other = app.task('tasks.other', () => null);
    app.on('beforeTaskPublish', async ({ task }) => {
      if (task === 'tasks.add') await other.delay();
    });
    const calls = Array.from({ length: 1200 }, (_, number) => add.delay(number, 0));
    for (let answered = 0; answered < 2400; ) {
      while (answers.length === answered) await settled();
      for (; answered < answers.length; answered++) answers[answered]!();
    }
    expect(await Promise.all(calls)).toHaveLength(1200);
  });
});
