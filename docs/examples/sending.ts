/** Options of a call, routes, and what to do when a message is not accepted. */

import { createApp, EncodeError, MessageTooLarge, OperationalError, QueueNotFound } from 'celeriac';
import { createSqsTransport } from 'celeriac/transports/sqs';
import { app, charge, resize } from './tasks.ts';

// #region options
export async function withOptions(): Promise<string> {
  const sent = await resize.applyAsync(['https://example.com/a.png'], {
    countdown: 60,
    expires: 3600,
    queue: 'images',
    headers: { tenant: 'acme' },
    compression: 'zlib',
  });
  return sent.id;
}
// #endregion

// #region routes
export const routed = createApp('routed', {
  taskDefaultQueue: 'celery',
  taskRoutes: [
    ['images.*', 'python'],
    [/^(mail|sms)\./, { queue: 'notify', priority: 3 }],
    ['shop.charge', { queue: 'payments.fifo', messageGroupId: 'bank' }],
  ],
});
// #endregion

// #region errors
export async function sendOrExplain(url: string): Promise<string> {
  try {
    return (await resize.delay(url)).id;
  } catch (error) {
    if (error instanceof MessageTooLarge) return `send a reference: ${error.bytes} of ${error.limit} bytes`;
    if (error instanceof EncodeError) return `not sendable: ${error.path}`;
    if (error instanceof QueueNotFound) return `no such queue: ${error.queue}`;
    if (error instanceof OperationalError && error.retryable) return 'try again later';
    throw error;
  }
}
// #endregion

// #region fifo
export async function inOrder(): Promise<void> {
  await resize.applyAsync(['https://example.com/1.png'], { queue: 'orders.fifo', messageGroupId: 'customer-17' });
  await resize.applyAsync(['https://example.com/2.png'], { queue: 'orders.fifo', messageGroupId: 'customer-17' });
}
// #endregion

// #region fair
export async function fairly(tenant: string): Promise<void> {
  await resize.applyAsync(['https://example.com/a.png'], { messageGroupId: tenant });
}
// #endregion

// #region many
export async function chargeAll(orders: AsyncIterable<string>): Promise<number> {
  const each = async function* () {
    for await (const order of orders) yield charge.s(order);
  };
  return (await app.sendTasks(each())).length;
}
// #endregion

// #region together
export const transport = createSqsTransport({ region: 'eu-central-1', lingerMs: 5, maxInFlight: 16 });
// #endregion

// #region flush
export async function answer(): Promise<{ statusCode: number }> {
  charge.delay('A-17').catch((error: unknown) => console.error('not charged', error));
  await app.flush();
  return { statusCode: 202 };
}
// #endregion
