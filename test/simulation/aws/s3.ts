/** S3 simulated: objects of a few buckets, with conditional reads and writes. Always consistent, as S3 is. */

import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { SimObject, SimS3, SimS3Options } from './contract.ts';
import { type Env, machineOf, sdkError } from './machine.ts';

const ACCOUNT = '000000000000';
const MAX_KEY_BYTES = 1024;
const PAGE = 1000;

interface InBucket {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
}
interface OfObject extends InBucket {
  readonly Key: string;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
}
interface PutInput extends OfObject {
  readonly Body?: Uint8Array | string;
  readonly ContentType?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}
interface ListInput extends InBucket {
  readonly Prefix?: string;
  readonly MaxKeys?: number;
  readonly StartAfter?: string;
  readonly ContinuationToken?: string;
}
interface DeleteManyInput extends InBucket {
  readonly Delete?: { readonly Objects?: readonly { readonly Key: string }[]; readonly Quiet?: boolean };
}

export function createSimS3(env: Env, options: SimS3Options): SimS3 {
  const buckets = new Map(options.buckets.map(({ name, owner = ACCOUNT }) => [name, { owner, objects: new Map<string, SimObject>() }]));

  const objectsIn = ({ Bucket, ExpectedBucketOwner }: InBucket): Map<string, SimObject> => {
    const bucket = buckets.get(Bucket);
    if (bucket === undefined) throw sdkError('NoSuchBucket', 'The specified bucket does not exist', 404);
    if (ExpectedBucketOwner === undefined || ExpectedBucketOwner === bucket.owner) return bucket.objects;
    throw sdkError('AccessDenied', 'Access Denied', 403);
  };

  const put = (input: PutInput): object => {
    const objects = objectsIn(input);
    const { Key, Body = '', IfMatch, IfNoneMatch, ContentType, Metadata } = input;
    checkKey(Key);
    const there = objects.get(Key);
    if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw notImplemented('If-None-Match other than *');
    if (IfNoneMatch === '*' && there !== undefined) throw preconditionFailed();
    if (IfMatch !== undefined && there === undefined) throw noSuchKey();
    if (IfMatch !== undefined && there !== undefined && !isTag(IfMatch, there)) throw preconditionFailed();
    const bytes = typeof Body === 'string' ? new TextEncoder().encode(Body) : new Uint8Array(Body);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    const more = {
      ...(ContentType !== undefined && { contentType: ContentType }),
      ...(Metadata !== undefined && { metadata: { ...Metadata } }),
    };
    objects.set(Key, { bytes, etag, modifiedMs: env.now(), ...more });
    return { ETag: etag };
  };

  const look = (input: OfObject, gone: () => Error): SimObject => {
    const object = objectsIn(input).get(input.Key);
    if (object === undefined) throw gone();
    if (input.IfMatch !== undefined && !isTag(input.IfMatch, object)) throw preconditionFailed();
    if (input.IfNoneMatch !== undefined && isTag(input.IfNoneMatch, object)) throw sdkError('NotModified', 'Not Modified', 304);
    return object;
  };

  const list = (input: ListInput): object => {
    const { Prefix = '', MaxKeys = PAGE, StartAfter = '', ContinuationToken = StartAfter } = input;
    const keys = [...objectsIn(input)]
      .filter(([key]) => key.startsWith(Prefix) && byBytes(key, ContinuationToken) > 0)
      .sort(([a], [b]) => byBytes(a, b));
    const page = keys.slice(0, Math.min(MaxKeys, PAGE));
    const IsTruncated = page.length < keys.length;
    const Contents = page.map(([Key, { etag, bytes, modifiedMs }]) => ({
      Key,
      ETag: etag,
      Size: bytes.byteLength,
      LastModified: new Date(modifiedMs),
    }));
    const next = page.at(-1)?.[0];
    return {
      IsTruncated,
      KeyCount: page.length,
      ...(page.length > 0 && { Contents }),
      ...(IsTruncated && next !== undefined && { NextContinuationToken: next }),
    };
  };

  const machine = machineOf(
    's3',
    new Map<string, (input: never) => unknown>([
      ['PutObject', put],
      [
        'GetObject',
        (input: OfObject) => {
          const object = look(input, noSuchKey);
          return { ...headersOf(object), Body: bodyOf(object.bytes) };
        },
      ],
      ['HeadObject', (input: OfObject) => headersOf(look(input, () => sdkError('NotFound', 'UnknownError', 404)))],
      [
        'DeleteObject',
        (input: OfObject) => {
          objectsIn(input).delete(input.Key);
          return {};
        },
      ],
      [
        'DeleteObjects',
        (input: DeleteManyInput) => {
          const objects = objectsIn(input);
          const { Objects = [], Quiet = false } = input.Delete ?? {};
          if (Objects.length === 0 || Objects.length > PAGE) throw sdkError('MalformedXML', 'The XML you provided was not well-formed.');
          for (const { Key } of Objects) objects.delete(Key);
          return Quiet ? {} : { Deleted: Objects.map(({ Key }) => ({ Key })) };
        },
      ],
      ['ListObjectsV2', list],
    ]),
  );

  return { ...machine, objects: (bucket) => objectsIn({ Bucket: bucket }) };
}

function headersOf({ etag, bytes, modifiedMs, contentType, metadata }: SimObject) {
  const ContentType = contentType ?? 'application/octet-stream';
  return { ETag: etag, ContentLength: bytes.byteLength, LastModified: new Date(modifiedMs), ContentType, Metadata: metadata ?? {} };
}

/** As the SDK's stream: it can be read once, whole or in chunks. */
function bodyOf(bytes: Uint8Array) {
  let taken = false;
  const take = (): Uint8Array => {
    if (taken) throw new Error('The stream has already been transformed.');
    taken = true;
    return new Uint8Array(bytes);
  };
  return {
    transformToByteArray: async () => take(),
    transformToString: async (encoding?: BufferEncoding) => Buffer.from(take()).toString(encoding),
    async *[Symbol.asyncIterator]() {
      yield take();
    },
    destroy() {
      taken = true;
    },
  };
}

function checkKey(key: string): void {
  if (key === '') throw sdkError('InvalidArgument', 'An object needs a key.');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw sdkError('KeyTooLongError', 'Your key is too long');
}

const isTag = (wanted: string, { etag }: SimObject): boolean => wanted === '*' || wanted === etag || `"${wanted}"` === etag;
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const noSuchKey = (): Error => sdkError('NoSuchKey', 'The specified key does not exist.', 404);
const preconditionFailed = (): Error =>
  sdkError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
const notImplemented = (what: string): Error =>
  sdkError('NotImplemented', `A header you provided implies functionality that is not implemented: ${what}`, 501);
