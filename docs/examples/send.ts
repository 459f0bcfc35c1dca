/** Sending a task from a program of its own. */

// #region send
import { createSqsTransport } from 'celeriac/transports/sqs';
import { app, resize } from './tasks.ts';

app.connect({ transport: createSqsTransport({ region: 'eu-central-1' }) });

export async function order(): Promise<string> {
  const { id } = await resize.applyAsync(['https://example.com/a.png', 640], { countdown: 5 });
  return id;
}
// #endregion
