/** The same by an app of ours, over the lean transport. */

import { createApp } from '../../src/index.ts';
import { createSqsFetchTransport } from '../../src/transports/sqs-fetch/index.ts';

const endpoint = process.env['SQS_ENDPOINT'] ?? '';
const transport = createSqsFetchTransport({ endpoint, queues: { celery: `${endpoint}/000000000000/celery` } });
const add = createApp('bench', { transport }).declare<[number, number], number>('proj.tasks.add');

export async function handler(): Promise<{ batchItemFailures: unknown[] }> {
  await add.delay(2, 3);
  return { batchItemFailures: [] };
}
