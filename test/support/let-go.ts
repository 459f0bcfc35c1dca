/**
 * Run in a process of its own, with a heap that would not hold all that it sends: how, its argument says. Prints how many messages were
 * accepted.
 */

import { createApp } from '../../src/app/app.ts';
import type { SqsApi } from '../../src/transports/sqs/api.ts';
import { createSend } from '../../src/transports/sqs/send.ts';

let accepted = 0;
const url = 'https://sqs.test/1/q';
const { send } = createSend(
  {
    async sendMessageBatch(_url, entries) {
      await new Promise((resolve) => setImmediate(resolve));
      accepted += entries.length;
      return { Successful: entries.map(({ Id }) => ({ Id, MessageId: Id })) };
    },
  } as Partial<SqsApi> as SqsApi,
  { url: async () => url, known: () => url, name: () => 'q', forget: () => undefined },
);
const transport = { limits: { messageBytes: 1_048_576, delaySeconds: 900 }, send };
const signing = { keys: { one: 'a secret of thirty-two characters' }, current: 'one' };

/** Each is a text of so many characters; one by one, or as fast as they are taken. */
const WAYS: Readonly<Record<string, () => Promise<unknown>>> = {
  async 'signed, to a FIFO queue'() {
    const say = createApp('signing', { transport, signing }).declare<[text: string], null>('say');
    for (let call = 0; call < 6000; call++) await say.applyAsync([`${call}`.padEnd(10_000)], { queue: 'q.fifo' });
  },
  async 'large, without an end'() {
    const app = createApp('large', { transport });
    const say = app.declare<[text: string], null>('say');
    const each = function* () {
      for (let call = 0; call < 1200; call++) yield say.s(`${call}`.padEnd(250_000));
    };
    await app.sendTasks(each());
  },
};

await WAYS[process.argv[2]!]!();
process.stdout.write(`${accepted}`);
