/** Results in a DynamoDB of this process. */

// #region tables
import { createDynamoDBBackend } from 'celeriac/backends/dynamodb';
import { startLocalDynamoDB } from 'celeriac/local';
import { createEagerTransport } from 'celeriac/testing';
import { app, resize } from './tasks.ts';

export async function resizeLocally(): Promise<string> {
  const dynamodb = await startLocalDynamoDB({ tables: ['celery'] });
  const { endpoint, region, credentials } = dynamodb;
  const backend = createDynamoDBBackend({ table: 'celery', endpoint, region, credentials });
  app.connect({ transport: createEagerTransport(app), backend });
  try {
    const result = await resize.delay('https://example.com/a.png');
    return await result.get();
  } finally {
    await backend.close?.();
    await dynamodb.close();
  }
}
// #endregion
