import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../../src/large-messages/name.ts';
import { createS3LargeMessages, type S3LargeMessagesOptions } from '../../../src/large-messages/s3.ts';
import { sdkError } from '../../support/dynamodb-client.ts';
import { type LocalS3, startS3 } from '../../support/s3.ts';

const payload = Buffer.from('the body, ü'.repeat(1000));
const name = { taskId: 'id-1', sha256: digestOf(payload) };

let s3: LocalS3;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

/** A client that answers by a function, and what it was asked. */
function answering(answer: () => unknown, options: Partial<S3LargeMessagesOptions> = {}) {
  const seen: { action: string; input: Record<string, unknown> }[] = [];
  const client = {
    async send(command: never): Promise<unknown> {
      const given = command as { readonly constructor: { readonly name: string }; readonly input: Record<string, unknown> };
      seen.push({ action: given.constructor.name, input: given.input });
      return answer();
    },
  };
  return { seen, store: createS3LargeMessages({ bucket: 'b', client, ...options }) };
}

const bodyOf = (bytes: Uint8Array, more: object = {}) => ({ Body: { transformToByteArray: async () => bytes }, ...more });

describe('an object', () => {
  it('is put under prefix, task id and digest, and got again; what is not there is undefined', async () => {
    const store = createS3LargeMessages({ bucket: s3.bucket, ...s3.connection });
    await store.put(name, payload);
    await store.put({ ...name, taskId: '../up' }, payload);
    expect(Buffer.from((await store.get(name))!)).toEqual(payload);
    expect(await store.get({ ...name, taskId: 'id-2' })).toBeUndefined();
    const other = createS3LargeMessages({ bucket: s3.bucket, prefix: 'p/', ...s3.connection });
    await other.put(name, payload);
    expect(new Set(await s3.keys())).toEqual(
      new Set([
        `large-messages/id-1/${name.sha256}`,
        `large-messages/~${digestOf(Buffer.from('../up'))}/${name.sha256}`,
        `p/id-1/${name.sha256}`,
      ]),
    );
    await Promise.all([store.close?.(), other.close?.()]);
  });

  it('is asked of the owner that is expected, where one is', async () => {
    const { seen, store } = answering(() => bodyOf(payload), { expectedBucketOwner: '123456789012', followPrefix: '' });
    await store.put(name, payload);
    await store.get(name);
    await store.follow?.({ bucket: 'b', key: 'k' });
    expect(seen.map(({ action }) => action)).toEqual(['PutObjectCommand', 'GetObjectCommand', 'GetObjectCommand']);
    for (const { input } of seen) expect(input).toMatchObject({ Bucket: 'b', ExpectedBucketOwner: '123456789012' });
    const without = answering(() => bodyOf(payload));
    await without.store.get(name);
    expect(without.seen[0]?.input).toEqual({ Bucket: 'b', Key: `large-messages/id-1/${name.sha256}` });
  });

  it('above maxBytes is not read where its length is told, and refused after where it is not', async () => {
    const destroy = vi.fn();
    const transformToByteArray = vi.fn();
    const refused = { name: 'DecodeError', code: 'too-large' };
    const told = answering(() => ({ Body: { transformToByteArray, destroy }, ContentLength: 10 }), { maxBytes: 9 });
    await expect(told.store.get(name)).rejects.toMatchObject(refused);
    expect([transformToByteArray.mock.calls.length, destroy.mock.calls.length]).toEqual([0, 1]);
    const untold = answering(() => bodyOf(payload), { maxBytes: payload.byteLength - 1 });
    await expect(untold.store.get(name)).rejects.toMatchObject(refused);
    const fits = answering(() => bodyOf(payload, { ContentLength: payload.byteLength }), { maxBytes: payload.byteLength });
    expect(await fits.store.get(name)).toBe(payload);
  });

  it('above maxBytes leaves nothing open (over a connection)', async () => {
    const store = createS3LargeMessages({ bucket: s3.bucket, ...s3.connection, maxBytes: 100 });
    await store.put(name, payload);
    await expect(store.get(name)).rejects.toMatchObject({ code: 'too-large' });
    await store.close?.();
  });
});

describe('what S3 does not do', () => {
  const failing = (error: unknown) => answering(() => Promise.reject(error), { followPrefix: '' }).store;

  it.each([
    ['SlowDown', 503, true],
    ['InternalError', 500, true],
    ['TooManyRequests', 429, true],
    ['RequestTimeout', 400, true],
    ['ExpiredToken', 400, true],
    ['Timeout', 408, true],
    ['AccessDenied', 403, false],
    ['NoSuchBucket', 404, false],
    ['InvalidRequest', 400, false],
  ])('is an OperationalError: %s', async (error, status, retryable) => {
    const store = failing(sdkError(error, { $metadata: { httpStatusCode: status } }));
    const told = { name: 'OperationalError', retryable, message: /bucket 'b'/ };
    await expect(store.put(name, payload)).rejects.toMatchObject(told);
    await expect(store.get(name)).rejects.toMatchObject(told);
    await expect(store.follow?.({ bucket: 'b', key: 'k' })).rejects.toMatchObject(told);
  });

  it('without an answer may go better later', async () => {
    await expect(failing(new Error('socket hang up')).put(name, payload)).rejects.toMatchObject({
      name: 'OperationalError',
      retryable: true,
    });
    await expect(answering(() => ({})).store.get(name)).rejects.toMatchObject({ name: 'OperationalError', retryable: true });
  });

  it('for want of a region says whose', async () => {
    for (const variable of ['AWS_REGION', 'AWS_DEFAULT_REGION']) vi.stubEnv(variable, undefined);
    for (const variable of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(variable, '/dev/null');
    const { credentials } = s3.connection;
    const store = createS3LargeMessages({ bucket: 'b', endpoint: 'http://127.0.0.1:1', credentials });
    await expect(store.get(name)).rejects.toMatchObject({ name: 'ImproperlyConfigured', message: /give createS3LargeMessages a region/ });
    vi.unstubAllEnvs();
  });
});

describe('a pointer', () => {
  const follow = async (options: Partial<S3LargeMessagesOptions>, bucket: string, key: string) => {
    const { seen, store } = answering(() => bodyOf(payload), options);
    return { found: await store.follow?.({ bucket, key }), asked: seen.map(({ input }) => input['Key']) };
  };

  it('is followed to the bucket that was configured, under the prefix', async () => {
    expect(await follow({ followPrefix: '' }, 'b', 'any/key')).toEqual({ found: payload, asked: ['any/key'] });
    expect(await follow({ followPrefix: 'java/' }, 'b', 'java/key')).toEqual({ found: payload, asked: ['java/key'] });
  });

  it.each([
    ['another bucket', '', 'theirs', 'k'],
    ['a bucket that begins as ours', '', 'b2', 'k'],
    ['an access point', '', 'arn:aws:s3:eu-west-1:123456789012:accesspoint/x', 'k'],
    ['another prefix', 'java/', 'b', 'k'],
    ['no key', '', 'b', ''],
    ['steps up', 'java/', 'b', 'java/../secret'],
    ['a step up at the end', 'java/', 'b', 'java/..'],
    ['a step to itself', '', 'b', './k'],
    ['a key longer than there are', '', 'b', 'ü'.repeat(513)],
  ])('is not followed to %s', async (_where, followPrefix, bucket, key) => {
    expect(await follow({ followPrefix }, bucket, key)).toEqual({ found: 'foreign', asked: [] });
  });

  it('is followed to a name with dots in it', async () => {
    expect(await follow({ followPrefix: '' }, 'b', 'a..b/.c/d.')).toMatchObject({ asked: ['a..b/.c/d.'] });
  });

  it('to what is gone says so', async () => {
    const { store } = answering(() => Promise.reject(sdkError('NoSuchKey')), { followPrefix: '' });
    expect(await store.follow?.({ bucket: 'b', key: 'k' })).toBe('gone');
  });

  it('is not followed at all unless asked for', () => {
    expect(createS3LargeMessages({ bucket: 'b' })).not.toHaveProperty('follow');
  });
});

describe('the options', () => {
  it.each([{}, { bucket: '' }, { bucket: 7 }])('have a bucket, and %j has none', (options) => {
    expect(() => createS3LargeMessages(options as never)).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
  });

  it('have sizes that are counts', () => {
    expect(() => createS3LargeMessages({ bucket: 'b', thresholdBytes: 0 })).toThrow(/thresholdBytes of createS3LargeMessages is 0/);
    expect(createS3LargeMessages({ bucket: 'b', thresholdBytes: 5 })).toMatchObject({ thresholdBytes: 5, maxBytes: 8_388_608 });
  });
});
