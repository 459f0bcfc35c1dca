import { expect, it } from 'vitest';
import { isConditionFailure, toGetFailure, toStoreFailure } from '../../../src/ledgers/dynamodb-failures.ts';

// What may pass and what stands is aws-failures' business, and tested there.
const request = { action: 'UpdateItem', tableName: 't' };
const failure = (name: string): Error => Object.assign(new Error('why'), { name });

it('a failure names the permission and the table', () => {
  const cause = failure('ThrottlingException');
  const message = expect.stringContaining("dynamodb:UpdateItem on table 't' failed");
  expect(toStoreFailure(cause, request)).toMatchObject({ name: 'BackendStoreError', message, cause });
  expect(toGetFailure(cause, request)).toMatchObject({ name: 'BackendGetError', message, cause });
});

it('a missing table and a missing permission say what to do', () => {
  expect(toStoreFailure(failure('ResourceNotFoundException'), request).message).toContain("create it with the string key 'id'");
  expect(toStoreFailure(failure('AccessDeniedException'), request).message).toContain('the role needs dynamodb:UpdateItem');
});

it('a condition that does not hold is told from a failure', () => {
  const seen = [failure('ConditionalCheckFailedException'), failure('X'), undefined, 'odd'].map(isConditionFailure);
  expect(seen).toEqual([true, false, false, false]);
});
