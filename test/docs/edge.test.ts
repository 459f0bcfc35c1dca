/** The Worker of docs/edge.md, here on Node. `npm run test:edge` runs it where it belongs. */

import { startLocalSqs } from 'celeriac/local';
import { decodeOuter } from 'celeriac/wire';
import { afterEach, expect, it, vi } from 'vitest';
import worker, { type Env } from '../../docs/examples/edge.ts';

afterEach(() => vi.unstubAllEnvs());

it('answers with the id of the task that it has sent', async () => {
  const sqs = await startLocalSqs({ region: 'eu-central-1', queues: [{ name: 'celery' }] });
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', sqs.endpoint);
  try {
    const env: Env = { QUEUE_URL: sqs.queueUrl('celery'), AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
    const answer = await worker.fetch(new Request('http://edge.test/', { method: 'POST', body: 'a.png' }), env);
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { readonly id: string };
    const [message] = await sqs.peek('celery');
    expect(JSON.parse(decodeOuter(message!.body))).toMatchObject({ headers: { id, task: 'shop.resize' } });
  } finally {
    await sqs.close();
  }
});
