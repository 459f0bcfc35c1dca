/** Sending from a Cloudflare Worker. */

/** The Worker's bindings: a variable, and two secrets. */
export interface Env {
  readonly QUEUE_URL: string;
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
}

// #region worker
import { createApp } from 'celeriac';
import { createSqsFetchTransport } from 'celeriac/transports/sqs-fetch';
import type { resize } from './tasks.ts';

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const credentials = { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY };
    const transport = createSqsFetchTransport({ region: 'eu-central-1', credentials, queues: { celery: env.QUEUE_URL } });
    const { id } = await createApp('shop', { transport })
      .declare<typeof resize>('shop.resize')
      .delay(await request.text());
    return Response.json({ id }, { status: 202 });
  },
};
// #endregion
