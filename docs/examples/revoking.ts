/** Revoking tasks through a ledger. */

// #region connect
import { createDynamoDBLedger } from 'celeriac/ledgers/dynamodb';
import { createSqsTransport } from 'celeriac/transports/sqs';
import { app, resize } from './tasks.ts';

app.connect({
  transport: createSqsTransport({ region: 'eu-central-1' }),
  ledger: createDynamoDBLedger({ tableName: 'celery-ledger', region: 'eu-central-1' }),
});
// #endregion

// #region revoke
export async function orderAndCancel(): Promise<string> {
  const sent = await resize.applyAsync(['https://example.com/a.png'], { countdown: 3600, stamps: { tenant: 'acme' } });
  await sent.revoke();
  await app.control.revoke(['2f1c4d2e-0d5b-4c57-9d3e-6f1f7c1d7a10', 'order-17'], { expires: 86_400 });
  await app.control.revokeByStampedHeaders({ tenant: ['acme', 'ajax'] });
  return sent.id;
}
// #endregion
