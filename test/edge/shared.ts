/** What a Worker must not do: keep an app, and its transport, from one request to the next. */

import { type App, createApp } from 'celeriac';
import { createSqsFetchTransport } from 'celeriac/transports/sqs-fetch';

let app: App | undefined;

export default {
  async fetch(): Promise<Response> {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    app ??= createApp('shop', { transport: createSqsFetchTransport({ region: 'eu-central-1', credentials }) });
    try {
      await app.sendTask('shop.resize', ['a.png']);
      return new Response('sent');
    } catch (error) {
      return new Response((error as Error).name);
    }
  },
};
