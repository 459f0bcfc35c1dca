import { expect, it } from 'vitest';
import { checkTableNames, toCreateTable } from '../../../src/local/dynamodb-tables.ts';

it('a table has one text for a key and is paid by request', () => {
  expect(toCreateTable('celery')).toEqual({
    TableName: 'celery',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  });
});

it('names that DynamoDB takes are taken', () => {
  expect(() => checkTableNames(['celery', 'a-b_c.d', 'abc', 'a'.repeat(255)])).not.toThrow();
  expect(() => checkTableNames([])).not.toThrow();
});

it.each([
  ['a short name', ['ab'], /'ab' is no table name/],
  ['an empty name', [''], /'' is no table name/],
  ['a long name', ['a'.repeat(256)], /is no table name/],
  ['a name with other characters', ['celery results'], /'celery results' is no table name/],
  ['a name that comes twice', ['celery', 'other', 'celery'], /'celery' is named twice/],
])('%s is refused', (_, names, complaint) => {
  expect(() => checkTableNames(names)).toThrow(complaint);
  expect(() => checkTableNames(names)).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
});
