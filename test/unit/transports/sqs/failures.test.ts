import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../../../src/errors.ts';
import type { SqsFailedEntry } from '../../../../src/transports/sqs/api.ts';
import { toEntryFailure, toFailure } from '../../../../src/transports/sqs/failures.ts';
import { sdkError } from './fake-api.ts';

const attempt = { action: 'sqs:SendMessage', queue: 'jobs' };
const of = (error: unknown) => toFailure(error, attempt);
const answered = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

describe('a failed request', () => {
  it.each([
    sdkError('QueueDoesNotExist', answered(400)),
    sdkError('SQSServiceException', { Code: 'AWS.SimpleQueueService.NonExistentQueue', ...answered(400) }),
    sdkError('Error', { code: 'AWS.SimpleQueueService.NonExistentQueue' }),
  ])('is QueueNotFound when the queue does not exist: $name', (error) => {
    expect(of(error)).toMatchObject({ name: 'QueueNotFound', queue: 'jobs', cause: error });
  });

  it.each([
    sdkError('ThrottlingException', answered(400)),
    sdkError('RequestThrottled', answered(403)),
    sdkError('KmsThrottled', answered(400)),
    sdkError('OverLimit', { $fault: 'client' }),
    sdkError('ExpiredToken', answered(403)),
    sdkError('RequestTimeTooSkewed', answered(403)),
    sdkError('InvalidSignatureException', { $metadata: { httpStatusCode: 403, clockSkewCorrected: true } }),
    sdkError('InternalFailure', answered(500)),
    sdkError('ServiceUnavailable', answered(503)),
    sdkError('SomethingNew', answered(429)),
    sdkError('SomethingNew', answered(408)),
    sdkError('SyntaxError', answered(200)),
    sdkError('SomethingNew', { $retryable: {}, ...answered(400) }),
    sdkError('Error', { code: 'ECONNRESET' }),
    sdkError('TimeoutError'),
    sdkError('CredentialsProviderError'),
    new Error('no idea'),
    'a text thrown',
    null,
  ])('may pass: %s', (error) => {
    expect(of(error)).toMatchObject({ name: 'OperationalError', retryable: true, cause: error });
  });

  it.each([
    sdkError('InvalidClientTokenId', answered(403)),
    sdkError('InvalidSignatureException', answered(403)),
    sdkError('InvalidMessageContents', answered(400)),
    sdkError('KmsDisabled', answered(400)),
    sdkError('ReceiptHandleIsInvalid', { $fault: 'client' }),
  ])('stands: %s', (error) => {
    expect(of(error)).toMatchObject({ name: 'OperationalError', retryable: false, cause: error });
  });

  it('says what was tried, on which queue, and what SQS said', () => {
    expect(of(sdkError('KmsDisabled', answered(400))).message).toBe("sqs:SendMessage on queue 'jobs' failed: KmsDisabled: what SQS said");
    expect(of('a text thrown').message).toBe("sqs:SendMessage on queue 'jobs' failed: Error: a text thrown");
  });

  it.each([
    ['AccessDenied', 'sqs:SendMessage'],
    ['AccessDeniedException', 'sqs:SendMessage'],
    ['KmsAccessDenied', 'kms:GenerateDataKey and kms:Decrypt'],
    ['KMS.AccessDeniedException', 'kms:GenerateDataKey and kms:Decrypt'],
  ])('that was denied (%s) stands and names the permission %s', (name, permission) => {
    const failure = of(sdkError(name, answered(403)));
    expect(failure).toMatchObject({ name: 'OperationalError', retryable: false });
    expect(failure.message).toContain(`the role needs ${permission}`);
  });

  it('that is ours already stays as it is', () => {
    const error = new EncodeError('x');
    expect(of(error)).toBe(error);
  });
});

describe('a refused entry', () => {
  it.each<[SqsFailedEntry, boolean]>([
    [{ SenderFault: false, Code: 'InternalError', Message: 'm' }, true],
    [{ SenderFault: true, Code: 'InvalidParameterValue', Message: 'm' }, false],
    [{ SenderFault: true, Code: 'KMS.ThrottlingException' }, true],
    [{ SenderFault: true }, false],
    [{}, true],
  ])('%j may pass: %s', (entry, retryable) => {
    const failure = toEntryFailure(entry, attempt);
    expect(failure).toMatchObject({ name: 'OperationalError', retryable });
    expect(failure.message).toContain(`: ${entry.Code ?? 'no code'}: ${entry.Message ?? 'no reason'}`);
  });
});

it('a session token in what SQS says is not in the error', () => {
  const cause = Object.assign(new Error("expected 'x-amz-security-token:TOP-SECRET'"), { name: 'SignatureDoesNotMatch' });
  expect(toFailure(cause, { action: 'sqs:SendMessage', queue: 'q' }).message).toContain("'x-amz-security-token:***'");
});
