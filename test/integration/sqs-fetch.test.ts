/** From applyAsync through the lean transport and a queue on loopback to the worker, and from the queue through the poller. */

import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import { silentLogger } from '../../src/logger.ts';
import { createPoller } from '../../src/poller/index.ts';
import { createSqsFetchTransport } from '../../src/transports/sqs-fetch/index.ts';

let server: FauxqsServer;
let queues = 0;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const transport of open.splice(0)) await transport.close();
});

function connected(more: Parameters<typeof createSqsFetchTransport>[0] = {}) {
  const queue = `queue-${++queues}`;
  server.createQueue(queue);
  const transport = createSqsFetchTransport({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'us-east-1',
    credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
    ...more,
  });
  open.push(transport);
  const backend = createMemoryBackend();
  const app = createApp('lean', { transport, backend, logger: silentLogger });
  return { app, queue, transport };
}

describe.each([
  ['node:http', {}],
  ['fetch', { fetch: globalThis.fetch }],
])('an app over %s', (_name, options) => {
  it('sends tasks that a poller runs and acknowledges, and what follows them', async () => {
    const { app, queue } = connected(options);
    const add = app.task('add', { queue }, (x: number, y: number) => x + y);
    const greet = app.task('greet', { queue }, (name: string) => `grüezi ${name} ☀`);
    const poller = createPoller(app, { queues: [queue], waitSeconds: 1, signals: [], concurrency: 10 });
    const running = poller.run();
    const sums = await Promise.all(Array.from({ length: 25 }, (_, count) => add.delay(count, 1)));
    const greeting = await greet.delay('Ægir');
    const linked = await add.applyAsync([1, 2], { link: add.s(10) });
    const answers = await Promise.all(sums.map((result) => result.get({ timeout: 10 })));
    expect(answers).toEqual(Array.from({ length: 25 }, (_, count) => count + 1));
    expect(await greeting.get({ timeout: 10 })).toBe('grüezi Ægir ☀');
    expect(await linked.get({ timeout: 10 })).toBe(3);
    await vi.waitFor(() => expect(server.inspectQueue(queue)?.messages).toMatchObject({ ready: [], inflight: [], delayed: [] }));
    await poller.stop();
    await running;
  });

  it('is told of a queue that does not exist', async () => {
    const { app } = connected(options);
    const lost = app.task('lost', { queue: 'nowhere' }, () => 1);
    await expect(lost.delay()).rejects.toMatchObject({ name: 'QueueNotFound', queue: 'nowhere' });
  });
});
