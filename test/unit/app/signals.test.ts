import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { quietly, Signals } from '../../../src/app/signals.ts';
import { accepted, createRecordingLogger, createRecordingTransport, refused } from '../../support/recording.ts';

const published = { task: 'add', id: 'i', queue: 'celery', retries: 0 };

describe('signals', () => {
  it('tell every observer, in the order they came, one after the other', async () => {
    const signals = new Signals();
    const seen: string[] = [];
    signals.on('beforeTaskPublish', async ({ id }) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`first ${id}`);
    });
    signals.on('beforeTaskPublish', () => void seen.push('second'));
    signals.on('afterTaskPublish', () => expect.fail('another signal'));
    await signals.emit('beforeTaskPublish', published, createRecordingLogger());
    expect(seen).toEqual(['first i', 'second']);
  });

  it('know whether anybody listens', () => {
    const signals = new Signals();
    expect([signals.isSilent(), signals.has('taskPrerun')]).toEqual([true, false]);
    const end = signals.on('taskPrerun', () => {});
    expect([signals.isSilent(), signals.has('taskPrerun'), signals.has('taskPostrun')]).toEqual([false, true, false]);
    end();
    end();
    expect(signals.has('taskPrerun')).toBe(false);
  });

  it('tell an observer once, however often it was added', async () => {
    const signals = new Signals();
    const told: string[] = [];
    const observer = () => void told.push('told');
    signals.on('taskPrerun', observer);
    signals.on('taskPrerun', observer);
    await signals.emit('taskPrerun', { request: {} as never }, createRecordingLogger());
    expect(told).toHaveLength(1);
  });

  it('go on to the next observer when one throws, which is logged with its stack', async () => {
    const signals = new Signals();
    const logger = createRecordingLogger();
    const told: string[] = [];
    signals.on('beforeTaskPublish', () => Promise.reject(new RangeError('x')));
    signals.on('beforeTaskPublish', () => void told.push('told'));
    await signals.emit('beforeTaskPublish', published, logger);
    expect(told).toHaveLength(1);
    expect(logger.lines).toMatchObject([
      {
        level: 'error',
        message: 'observer of beforeTaskPublish failed',
        error: { name: 'RangeError', message: 'x', stack: expect.any(String) },
      },
    ]);
  });

  it('log what is no error as text', async () => {
    const logger = createRecordingLogger();
    await quietly(() => { throw 'text'; }, 'hook failed', logger); // biome-ignore format: short
    expect(logger.lines).toEqual([{ level: 'error', message: 'hook failed', error: 'text' }]);
  });
});

describe('publishing', () => {
  const createSending = (answer = accepted as Parameters<typeof createRecordingTransport>[0]) => {
    const logger = createRecordingLogger();
    const transport = createRecordingTransport(answer);
    const app = createApp('shop').connect({ transport, logger });
    const seen: unknown[] = [];
    for (const name of ['beforeTaskPublish', 'afterTaskPublish'] as const) {
      app.on(name, (payload) => void seen.push([name, payload, transport.sent.length]));
    }
    return { app, seen, logger, transport };
  };

  it('is announced before, and after the transport has accepted', async () => {
    const { app, seen } = createSending();
    await app.sendTask('add', [1], { taskId: 'i' });
    expect(seen).toEqual([
      ['beforeTaskPublish', published, 0],
      ['afterTaskPublish', published, 1],
    ]);
  });

  it('that is not accepted is announced before only', async () => {
    const { app, seen } = createSending(refused);
    await expect(app.sendTask('add', [1], { taskId: 'i' })).rejects.toThrow('no');
    expect(seen).toHaveLength(1);
  });

  it('is not kept from going on by an observer that throws, with a logger or without', async () => {
    const { app, logger, transport } = createSending();
    app.on('beforeTaskPublish', () => { throw new Error('x'); }); // biome-ignore format: short
    await app.sendTask('add');
    expect(logger.lines).toHaveLength(1);
    app.connect({ transport });
    await app.sendTask('add');
    expect(transport.sent).toHaveLength(2);
  });
});
