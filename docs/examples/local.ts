/** SQS and Lambda's event source mapping in this process. */

// #region local
import { createHandler } from 'celeriac/lambda';
import { createEventSourceMapping, startLocalSqs } from 'celeriac/local';
import { createSqsTransport } from 'celeriac/transports/sqs';
import { app, resize } from './tasks.ts';

export async function runLocally(): Promise<string> {
  const sqs = await startLocalSqs({
    queues: [
      { name: 'celery', visibilityTimeoutSeconds: 5, redrive: { deadLetterQueue: 'celery-dead-letter', maxReceiveCount: 3 } },
      { name: 'celery-dead-letter' },
    ],
  });
  const transport = createSqsTransport({ endpoint: sqs.endpoint, region: sqs.region, credentials: sqs.credentials });
  app.connect({ transport });
  const handler = createHandler(app);

  const ended = Promise.withResolvers<string>();
  const mapping = createEventSourceMapping({
    sqs,
    queue: 'celery',
    functionResponseType: 'ReportBatchItemFailures',
    invoke: async (event) => ({ ok: true, payload: JSON.stringify(await handler(event, { getRemainingTimeInMillis: () => 30_000 })) }),
    observe: ({ kind }) => {
      if (kind === 'deleted' || kind === 'returned') ended.resolve(kind);
    },
  });
  try {
    await resize.delay('https://example.com/a.png');
    return await ended.promise;
  } finally {
    await mapping.close();
    await transport.close();
    await sqs.close();
  }
}
// #endregion

// #region bundle
export async function runBundle(bundleDir: string): Promise<string> {
  const { startLambda } = await import('celeriac/local');
  const lambda = await startLambda({ bundleDir, handler: 'worker.handler', env: { STAGE: 'test' }, timeoutMs: 5000 });
  try {
    const result = await lambda.invoke({ Records: [] });
    return result.ok ? result.payload : `${result.errorType}: ${result.message}`;
  } finally {
    await lambda.close();
  }
}
// #endregion
