import { describe, expect, it } from 'vitest';
import { ImproperlyConfigured } from '../../../src/errors.ts';
import { isConditionFailure, toGetFailure, toStoreFailure } from '../../../src/ledgers/dynamodb-failures.ts';

const request = { action: 'UpdateItem', tableName: 't' };
const failure = (name: string, more: object = {}): Error => Object.assign(new Error('why'), { name }, more);
const outlook = (error: unknown): string => (toStoreFailure(error, request).message.includes('may succeed later') ? 'may pass' : 'stands');

describe('a failure', () => {
  it('is of the kind of its request, with what was tried, the outlook, the reason and the cause', () => {
    const cause = failure('ThrottlingException');
    const message = "dynamodb:UpdateItem on table 't' failed, the same request may succeed later: ThrottlingException: why";
    expect(toStoreFailure(cause, request)).toMatchObject({ name: 'BackendStoreError', message, cause });
    expect(toGetFailure(cause, request)).toMatchObject({ name: 'BackendGetError', message, cause });
  });

  it('that is ours already stays as it is', () => {
    const ours = new ImproperlyConfigured('no region');
    expect([toStoreFailure(ours, request), toGetFailure(ours, request)]).toEqual([ours, ours]);
  });

  it('says what to do about a missing table and a missing permission', () => {
    expect(toStoreFailure(failure('ResourceNotFoundException'), request).message).toContain("create it with the string key 'id'");
    expect(toStoreFailure(failure('AccessDeniedException'), request).message).toContain('the role needs dynamodb:UpdateItem');
  });

  it.each([
    ['throttling', failure('ProvisionedThroughputExceededException', { $fault: 'client', $metadata: { httpStatusCode: 400 } })],
    ['what the SDK calls retryable', failure('X', { $fault: 'client', $retryable: {} })],
    ['a 500', failure('X', { $fault: 'server', $metadata: { httpStatusCode: 500 } })],
    ['a 429', failure('X', { $metadata: { httpStatusCode: 429 } })],
    ['a 408', failure('X', { $metadata: { httpStatusCode: 408 } })],
    ['a lost connection', failure('ECONNRESET', { $metadata: {} })],
    ['a time-out', failure('TimeoutError')],
    ['what is no error at all', 'odd'],
    ['nothing', undefined],
  ])('may pass: %s', (_what, error) => {
    expect(outlook(error)).toBe('may pass');
  });

  it.each([
    ['a request that is wrong', failure('ValidationException', { $fault: 'client', $metadata: { httpStatusCode: 400 } })],
    ['a fault of ours without an answer', failure('X', { $fault: 'client' })],
  ])('stands: %s', (_what, error) => {
    expect(outlook(error)).toBe('stands');
  });
});

it('a condition that does not hold is told from a failure', () => {
  expect([failure('ConditionalCheckFailedException'), failure('X'), undefined, 'odd'].map(isConditionFailure)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
