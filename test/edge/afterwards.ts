/** A Worker that answers at once, and sends while the answer is on its way. */

import { createApp } from 'celeriac';
import { createSqsFetchTransport } from 'celeriac/transports/sqs-fetch';

export default {
  async fetch(_request: Request, _env: object, context: { waitUntil(promise: Promise<unknown>): void }): Promise<Response> {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const app = createApp('shop', { transport: createSqsFetchTransport({ region: 'eu-central-1', credentials }) });
    for (let index = 0; index < 12; index++) void app.sendTask('shop.resize', [`${index}.png`]);
    context.waitUntil(app.flush());
    return new Response('soon', { status: 202 });
  },
};
