/** A task that ends in one transaction with a write of its own: a block of docs/idempotency.md. */

// #region commit
import { commitWith } from 'celeriac/ledgers/dynamodb';
import { app } from './tasks.ts';

export const book = app.task('shop.book', { bind: true, idempotent: true }, async (self, account: string, cents: number) => {
  const booked = {
    Update: {
      TableName: 'accounts',
      Key: { id: { S: account } },
      UpdateExpression: 'SET balance = balance + :cents',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: { ':cents': { N: String(cents) } },
    },
  };
  return await commitWith(self, [booked], { account, cents });
});
// #endregion
