/** Two ways to a message beside the one by hand: the wire's writer alone, and delay() up to an accepting transport. */

import { createApp } from '../../src/app/app.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Outgoing, Receipt, Transport } from '../../src/transports/transport.ts';
import { jsonCodec } from '../../src/wire/codecs.ts';
import { writeMessage } from '../../src/wire/protocol-write.ts';
import { REPLY_TO, TASK } from './by-hand.ts';

/** writeMessage of the fields that the app gives it for a call without options, and a new id. */
export function writerAlone(args: readonly unknown[]): string {
  const id = crypto.randomUUID();
  return writeMessage({ ...FIELDS, id, rootId: id, args, deliveryTag: id });
}

const FIELDS = { task: TASK, kwargs: {}, origin: 'celeriac@bench', replyTo: REPLY_TO, routingKey: 'celery', codec: jsonCodec } as const;

/** `delay(...args)` of an app whose transport accepts at once; `sent()` is the body of the last message. */
export function createDelay(): { delay(args: readonly unknown[]): Promise<unknown>; sent(): string } {
  let body = '';
  const receipts: readonly Receipt[] = [{ ok: true, messageId: 'message-1' }];
  const transport: Transport = {
    limits: { messageBytes: 1_048_576, delaySeconds: 900 },
    send: (batch: readonly Outgoing[]) => {
      body = batch[0]!.body;
      return Promise.resolve(receipts);
    },
  };
  const task = createApp('bench', { transport, logger: silentLogger }).declare<unknown[], number>(TASK);
  return { delay: (args) => task.delay(...args), sent: () => body };
}
