import { expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { createConsumer } from '../../../src/worker/consumer.ts';
import { base64, envelopeText, headersWith } from '../../support/messages.ts';
import { createRecordingTransport } from '../../support/recording.ts';
import { createTestWorker, toDelivery } from '../../support/worker.ts';

it('a message of a kind that few are is read and run as any other', async () => {
  const { app, runLast, results } = createTestWorker({ settings: { taskCompression: 'zlib' } });
  const { id } = await app.task('add', (x: number, y: number) => x + y).delay(2, 3);
  expect(await runLast()).toEqual({ do: 'ack' });
  expect(await results.fetch(id)).toMatchObject({ result: 5 });
});

it('such a message is set aside where it cannot be read', async () => {
  const { app, deliverText, logger } = createTestWorker();
  app.task('add', () => 5);
  const body = envelopeText({ rawBody: base64('no zlib'), headers: headersWith({ compression: 'zlib' }) });
  expect(await deliverText(body)).toMatchObject({ do: 'quarantine', code: 'bad-compression' });
  expect(logger.lines).toMatchObject([{ message: 'message cannot be run, given back', code: 'bad-compression' }]);
});

it('such a message is set aside where its chord could not be counted', async () => {
  const app = createApp('shop').connect({ transport: createRecordingTransport() });
  app.task('part', () => 1);
  const body = { task: 'part', id: 'id-1', args: [], kwargs: {}, taskset: 'g', chord: { task: 'end' } };
  const consume = createConsumer(app, { hostname: 'test-worker', pid: 7 });
  const delivery = toDelivery({ id: 'x', queue: 'celery', body: envelopeText({ body, headers: {} }) });
  expect(await consume(delivery)).toMatchObject({ do: 'quarantine', code: 'chord-without-backend' });
});
