import { type LocalSqs, startLocalSqs } from 'celeriac/local';
import { createLambdaContext, createSqsEvent } from 'celeriac/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadDeployed, putBack, stubEnvironment } from '../support/deployed.ts';
import { type LocalS3, startS3 } from '../support/s3.ts';

let sqs: LocalSqs;
let s3: LocalS3;

beforeAll(async () => {
  [sqs, s3] = await Promise.all([startLocalSqs({ queues: [{ name: 'celery' }] }), startS3()]);
});

afterAll(async () => {
  await Promise.all([sqs.close(), s3.stop()]);
});

const closers: (() => unknown)[] = [];

beforeEach(() => stubEnvironment(sqs, { AWS_ENDPOINT_URL_S3: s3.connection.endpoint }));

afterEach(() => putBack(closers, '../../src/large-messages/s3-bucket.ts'));

const load = () => loadDeployed(closers);

/** More than SQS takes. */
const LARGE = 'x'.repeat(2 * 1024 * 1024);

describe('the functions, where LARGE_MESSAGES_BUCKET names a bucket', () => {
  it('put what is too large for the queue under the prefix, and run it from there', async () => {
    vi.stubEnv('LARGE_MESSAGES_BUCKET', s3.bucket);
    vi.stubEnv('LARGE_MESSAGES_PREFIX', 'large-messages/');
    const { report, transport, handler } = await load();
    await report.delay(LARGE);
    const keys = await s3.keys();
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatch(/^large-messages\//);
    const [delivery] = await transport.inbox.receive('celery', { max: 10 });
    expect(delivery!.body.length).toBeLessThan(10_000);
    expect(await handler(createSqsEvent([delivery!.body]), createLambdaContext())).toEqual({ batchItemFailures: [] });
  });
});

describe('the functions, where it names none', () => {
  it('refuse to send what is too large, and import nothing that would', async () => {
    const imported = vi.fn();
    vi.doMock('../../src/large-messages/s3-bucket.ts', () => {
      imported();
      return {};
    });
    const { report } = await load();
    await expect(report.delay(LARGE)).rejects.toMatchObject({ name: 'MessageTooLarge' });
    expect(imported).not.toHaveBeenCalled();
  });
});
