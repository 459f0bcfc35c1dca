/** The same by the AWS SDK, imported when the function starts. */

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { templateString } from './by-hand.ts';

const endpoint = process.env['SQS_ENDPOINT'] ?? '';
const client = new SQSClient({ endpoint });

export async function handler(): Promise<{ batchItemFailures: unknown[] }> {
  await client.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/celery`, MessageBody: templateString([2, 3]) }));
  return { batchItemFailures: [] };
}
