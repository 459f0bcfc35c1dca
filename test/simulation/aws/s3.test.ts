/** The simulated S3 where the backend suite does not look: conditions, owners, lists and bodies. */

import { describe, expect, it } from 'vitest';
import { createSimS3 } from './index.ts';
import { createEnv, thrownBy } from './worlds.ts';

const Bucket = 'b';

function make() {
  const s3 = createSimS3(createEnv(), { buckets: [{ name: Bucket, owner: '123456789012' }] });
  const put = (Key: string, Body: string | Uint8Array = Key, more: object = {}) =>
    (s3.handle('PutObject', { Bucket, Key, Body, ...more }) as { readonly ETag: string }).ETag;
  const get = (Key: string, more: object = {}) =>
    s3.handle('GetObject', { Bucket, Key, ...more }) as { readonly ETag: string; readonly Body: SimBody; readonly Metadata: object };
  return { s3, put, get };
}

interface SimBody extends AsyncIterable<Uint8Array> {
  transformToByteArray(): Promise<Uint8Array>;
  transformToString(encoding?: string): Promise<string>;
  destroy(): void;
}

const status = (call: () => unknown) => thrownBy(call)?.$metadata?.httpStatusCode;

describe('a simulated bucket', () => {
  it('keeps bytes as they were when they came', async () => {
    const { s3, put, get } = make();
    const bytes = Uint8Array.of(1, 2, 3);
    put('k', bytes, { Metadata: { a: '1' }, ContentType: 'text/plain' });
    bytes[0] = 9;
    expect(get('k')).toMatchObject({ ContentLength: 3, ContentType: 'text/plain', Metadata: { a: '1' } });
    expect(await get('k').Body.transformToByteArray()).toEqual(Uint8Array.of(1, 2, 3));
    expect(await get('k').Body.transformToString('hex')).toBe('010203');
    const chunks: Uint8Array[] = [];
    for await (const chunk of get('k').Body) chunks.push(chunk);
    expect(chunks).toEqual([Uint8Array.of(1, 2, 3)]);
    expect(s3.objects(Bucket).get('k')?.bytes).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('gives a body once', async () => {
    const { put, get } = make();
    put('k');
    const { Body } = get('k');
    await Body.transformToString();
    await expect(Body.transformToString()).rejects.toThrow(/already/);
    const other = get('k').Body;
    other.destroy();
    await expect(other.transformToByteArray()).rejects.toThrow(/already/);
  });

  it('writes under conditions', () => {
    const { put, s3 } = make();
    const put412 = (more: object) => status(() => put('k', 'new', more));
    expect(put412({ IfMatch: '"x"' })).toBe(404);
    const first = put('k', 'old', { IfNoneMatch: '*' });
    expect([put412({ IfNoneMatch: '*' }), put412({ IfMatch: '"x"' }), put412({ IfNoneMatch: first })]).toEqual([412, 412, 501]);
    expect(put('k', 'new', { IfMatch: first })).not.toBe(first);
    expect(s3.objects(Bucket).size).toBe(1);
  });

  it('reads under conditions', () => {
    const { put, get } = make();
    const tag = put('k');
    expect(get('k', { IfMatch: tag }).ETag).toBe(tag);
    expect(status(() => get('k', { IfMatch: '"x"' }))).toBe(412);
    expect(thrownBy(() => get('k', { IfNoneMatch: tag }))).toMatchObject({ name: 'NotModified', $metadata: { httpStatusCode: 304 } });
  });

  it('says what is not there', () => {
    const { s3, get } = make();
    expect(thrownBy(() => get('k'))).toMatchObject({ name: 'NoSuchKey', $fault: 'client' });
    expect(thrownBy(() => s3.handle('HeadObject', { Bucket, Key: 'k' }))?.name).toBe('NotFound');
    expect(thrownBy(() => s3.handle('GetObject', { Bucket: 'x', Key: 'k' }))?.name).toBe('NoSuchBucket');
    expect(s3.handle('DeleteObject', { Bucket, Key: 'k' })).toEqual({});
  });

  it('denies a bucket of another owner', () => {
    const { put, get } = make();
    put('k', 'v', { ExpectedBucketOwner: '123456789012' });
    expect(thrownBy(() => get('k', { ExpectedBucketOwner: '999999999999' }))).toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('refuses keys that are none', () => {
    const { put } = make();
    expect([thrownBy(() => put(''))?.name, thrownBy(() => put('ü'.repeat(513)))?.name]).toEqual(['InvalidArgument', 'KeyTooLongError']);
  });

  it('lists by prefix in pages, and deletes several', () => {
    const { s3, put } = make();
    for (const key of ['a/2', 'b/1', 'a/10', 'a/1']) put(key);
    const list = (more: object) =>
      s3.handle('ListObjectsV2', { Bucket, Prefix: 'a/', ...more }) as {
        readonly Contents?: { Key: string }[];
        readonly NextContinuationToken?: string;
      };
    const first = list({ MaxKeys: 2 });
    const second = list({ MaxKeys: 2, ContinuationToken: first.NextContinuationToken });
    expect([first, second].map(({ Contents }) => Contents?.map(({ Key }) => Key))).toEqual([['a/1', 'a/10'], ['a/2']]);
    expect(second.NextContinuationToken).toBeUndefined();
    const Objects = [{ Key: 'a/1' }, { Key: 'x' }];
    expect(s3.handle('DeleteObjects', { Bucket, Delete: { Objects } })).toEqual({ Deleted: Objects });
    expect(s3.handle('DeleteObjects', { Bucket, Delete: { Objects: [{ Key: 'a/2' }], Quiet: true } })).toEqual({});
    expect(thrownBy(() => s3.handle('DeleteObjects', { Bucket }))?.name).toBe('MalformedXML');
    expect([...s3.objects(Bucket).keys()]).toEqual(['b/1', 'a/10']);
    expect(list({ Prefix: 'none' })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });
});
