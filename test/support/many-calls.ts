/**
 * Run in a process of its own, with a heap that would not hold the messages: sends as many tasks as its argument says in one loop that
 * waits for none of them, to a transport that answers in its own time, and prints what came of them.
 */

import { createApp } from '../../src/app/app.ts';
import type { SqsApi } from '../../src/transports/sqs/api.ts';
import { createSend } from '../../src/transports/sqs/send.ts';

const calls = Number(process.argv[2]);
let underWay = 0;
let mostUnderWay = 0;
let accepted = 0;

const { send } = createSend(
  {
    getQueueUrl: async (name) => `https://sqs.test/1/${name}`,
    async sendMessageBatch(_url, entries) {
      underWay += 1;
      mostUnderWay = Math.max(mostUnderWay, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      accepted += entries.length;
      return { Successful: entries.map(({ Id }) => ({ Id, MessageId: Id })) };
    },
  } as Partial<SqsApi> as SqsApi,
  { url: async () => 'https://sqs.test/1/q', known: () => 'https://sqs.test/1/q', name: () => 'q', forget: () => undefined },
);
const app = createApp('many', { transport: { limits: { messageBytes: 1_048_576, delaySeconds: 900 }, send } });
const add = app.task('tasks.add', (x: number, y: number) => x + y);

let resolved = 0;
for (let call = 0; call < calls; call++) void add.delay(call, 1).then(() => (resolved += 1));
await app.flush();
process.stdout.write(JSON.stringify({ accepted, resolved, mostUnderWay }));
