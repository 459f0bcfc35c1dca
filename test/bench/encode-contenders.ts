/** Three ways to a message: a template string by hand, the wire's writer alone, and delay() up to an accepting transport. */

import { createApp } from '../../src/app/app.ts';
import { silentLogger } from '../../src/logger.ts';
import type { Outgoing, Receipt, Transport } from '../../src/transports/transport.ts';
import { jsonCodec } from '../../src/wire/codecs.ts';
import { writeMessage } from '../../src/wire/protocol-write.ts';
import { TASK } from './messages.ts';

const REPLY_TO = '7245a26a-2de8-3869-8679-41f28a76de43';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What one would write by hand for a single task and queue: a new id, both base64 layers, nothing that could be asked for. */
export function templateString(args: readonly unknown[]): string {
  const id = crypto.randomUUID();
  const body = base64(`[${JSON.stringify(args)}, {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]`);
  return base64(
    `{"body": "${body}", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"lang": "js", "task": "${TASK}"` +
      `, "id": "${id}", "shadow": null, "eta": null, "expires": null, "group": null, "group_index": null, "retries": 0` +
      `, "timelimit": [null, null], "root_id": "${id}", "parent_id": null, "argsrepr": "", "kwargsrepr": "{}", "origin": "bench"` +
      `, "ignore_result": false, "replaced_task_nesting": 0, "stamped_headers": null, "stamps": {}}, "properties": {"correlation_id": "${id}"` +
      `, "reply_to": "${REPLY_TO}", "delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": "celery"}, "priority": 0` +
      `, "body_encoding": "base64", "delivery_tag": "${id}"}}`,
  );
}

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
