/**
 * What a local table is: the layout of Celery's DynamoDB backend, which results and ledgers share and infra/results.yml deploys.
 * Starting the tables is dynamodb.ts.
 */

import { ImproperlyConfigured } from '../errors.ts';

const TABLE_NAME = /^[A-Za-z0-9_.-]{3,255}$/;

/** Refuses what DynamoDB would refuse. @throws ImproperlyConfigured naming the table */
export function checkTableNames(names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    if (!TABLE_NAME.test(name)) {
      throw new ImproperlyConfigured(
        `'${name}' is no table name; DynamoDB takes 3 to 255 letters, digits, hyphens, underscores and full stops.`,
      );
    }
    if (names.indexOf(name) !== index) throw new ImproperlyConfigured(`The table '${name}' is named twice; name each table once.`);
  }
}

/** What CreateTable takes for a table of that name: one text for a key, nothing beside it, paid by request. */
export function toCreateTable(name: string) {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  };
}
