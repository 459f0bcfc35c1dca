import { describe, expect, it } from 'vitest';
import { ofStoring, toGetFailure, toStoreFailure } from '../../src/aws-failures.ts';
import { BackendGetError, ImproperlyConfigured } from '../../src/errors.ts';

const request = { permission: 's3:PutObject', on: "bucket 'b'", hints: new Map([['NoSuchBucket', 'found no such bucket.']]) };
const failure = (name: string, more: object = {}): Error => Object.assign(new Error('why'), { name }, more);
const outlook = (error: unknown): string => (toStoreFailure(error, request).message.includes('may succeed later') ? 'may pass' : 'stands');

describe('a failure', () => {
  it('is of the kind of its request, with what was tried, the outlook, the reason and the cause', () => {
    const cause = failure('ThrottlingException');
    const message = "s3:PutObject on bucket 'b' failed, the same request may succeed later: ThrottlingException: why";
    expect(toStoreFailure(cause, request)).toMatchObject({ name: 'BackendStoreError', message, cause });
    expect(toGetFailure(cause, request)).toMatchObject({ name: 'BackendGetError', message, cause });
  });

  it('that is ours already stays as it is', () => {
    const ours = new ImproperlyConfigured('no region');
    expect([toStoreFailure(ours, request), toGetFailure(ours, request)]).toEqual([ours, ours]);
  });

  it('says what there is to do', () => {
    expect(toStoreFailure(failure('NoSuchBucket'), request).message).toBe("s3:PutObject on bucket 'b' found no such bucket.");
  });

  it('to read, while storing, is one to store', () => {
    const cause = new BackendGetError('unread');
    expect(ofStoring(cause)).toMatchObject({ name: 'BackendStoreError', message: 'unread', cause });
    expect(ofStoring('odd')).toMatchObject({ name: 'BackendStoreError', message: 'odd' });
    const other = new Error('other');
    expect(ofStoring(other)).toBe(other);
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
    ['a 400', failure('ValidationException', { $fault: 'client', $metadata: { httpStatusCode: 400 } })],
    ['what never left', failure('X', { $fault: 'client' })],
  ])('stands: %s', (_what, error) => {
    expect(outlook(error)).toBe('stands');
  });
});
