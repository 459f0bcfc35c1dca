/** The same by an app of ours, over the SDK transport. */

import { createApp } from '../../src/index.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';

const endpoint = process.env['SQS_ENDPOINT'] ?? '';
const transport = createSqsTransport({ endpoint, queues: { celery: `${endpoint}/000000000000/celery` } });
const add = createApp('bench', { transport }).declare<[number, number], number>('proj.tasks.add');

export async function handler(): Promise<{ batchItemFailures: unknown[] }> {
  await add.delay(2, 3);
  return { batchItemFailures: [] };
}
