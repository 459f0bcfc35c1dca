/** Objects of one bucket through the AWS SDK, which is imported at the first request and then kept; what fails is told in our errors. */

import type * as S3 from '@aws-sdk/client-s3';
import { type AwsRequest, answerName, answerStatus, toGetFailure, toStoreFailure } from '../aws-failures.ts';
import { type AwsCredentials, checkRegion, importSdk, toSdkConfig } from '../aws-sdk.ts';
import { BackendGetError, DecodeError } from '../errors.ts';
import { kept } from '../kept.ts';

/** Whatever sends the SDK's commands: an S3Client, or a stand-in for one. */
export interface S3Client {
  send(command: never): Promise<unknown>;
}

export type S3Credentials = AwsCredentials;

export interface S3ClientOptions {
  readonly bucket: string;
  /** Default: as the SDK finds it (AWS_REGION, the profile). */
  readonly region?: string;
  /** Another address than AWS's (Celery's `s3_endpoint_url`). The bucket is then put in the path. */
  readonly endpoint?: string;
  /** Default: as the SDK finds them. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>);
  /** A client of your own; region, endpoint and credentials are then its business, and so is closing it. */
  readonly client?: S3Client;
}

/** What else its user may ask of it. */
export interface ObjectsOptions extends S3ClientOptions {
  /** Whose options these are, for what is said of them. */
  readonly creator: string;
  /** Id of the AWS account that must own the bucket; default: not asked. */
  readonly expectedBucketOwner?: string;
  /** Bytes of an object that are read, at most; default all. */
  readonly maxBytes?: number;
  /** How long an answer may take; default 15 s. */
  readonly requestMs?: number;
}

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
}

/** What must be true of the object there now: none, or the one with this tag; undefined asks nothing. */
export type WriteCondition = { readonly ifNone: true } | { readonly ifTag: string } | undefined;

export interface Objects {
  /** Rejects with DecodeError for one above maxBytes, and with BackendGetError. */
  get(key: string): Promise<StoredObject | undefined>;
  /** False when the condition does not hold, or somebody else wrote at the same moment. */
  put(key: string, body: Uint8Array, condition: WriteCondition): Promise<boolean>;
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

const MAX_ATTEMPTS = 3;
/** A connection that goes silent is noticed after so long. */
const CONNECTION_MS = 2_000;
const REQUEST_MS = 15_000;
/** The condition does not hold; another write of the object was under way. */
const REFUSED: ReadonlySet<number | undefined> = new Set([412, 409]);

export function createObjects(options: ObjectsOptions): Objects {
  const { bucket, endpoint, creator, expectedBucketOwner, maxBytes = Number.POSITIVE_INFINITY, requestMs = REQUEST_MS } = options;
  const place = (key: string) => ({
    Bucket: bucket,
    Key: key,
    ...(expectedBucketOwner !== undefined && { ExpectedBucketOwner: expectedBucketOwner }),
  });
  const sdk = kept(() => importSdk('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3')));
  let opened: { destroy(): void } | undefined;
  const own = kept(async () => {
    const { S3Client } = await sdk();
    const client = new S3Client({
      maxAttempts: MAX_ATTEMPTS,
      ...toSdkConfig(options, { connectionMs: CONNECTION_MS, requestMs }),
      ...(endpoint !== undefined && { forcePathStyle: true }),
    });
    await checkRegion(client, creator);
    opened = client;
    return client;
  });
  /** The answer's shape is the caller's word: a given client need not be the SDK's. */
  const perform = async <Answer>(command: (sdk: typeof S3) => object): Promise<Answer> => {
    const client: S3Client = options.client ?? (await own());
    return ((await client.send(command(await sdk()) as never)) ?? {}) as Answer;
  };
  const toRequest = (permission: string): AwsRequest => ({ permission, on: `bucket '${bucket}'`, hints: hintsOf(permission) });

  return {
    async get(key) {
      try {
        const answer = await perform<GetAnswer>(({ GetObjectCommand }) => new GetObjectCommand(place(key)));
        const { Body, ETag, ContentLength = 0 } = answer;
        if (Body === undefined) throw new BackendGetError(`s3:GetObject on bucket '${bucket}' gave no body for '${key}'.`);
        if (ContentLength > maxBytes) {
          Body.destroy?.();
          throw tooLarge(ContentLength, maxBytes);
        }
        const bytes = await Body.transformToByteArray();
        if (bytes.byteLength > maxBytes) throw tooLarge(bytes.byteLength, maxBytes);
        return { bytes, etag: ETag };
      } catch (error) {
        if (answerName(error) === 'NoSuchKey') return undefined;
        throw toGetFailure(error, toRequest('s3:GetObject'));
      }
    },
    async put(key, body, condition) {
      try {
        await perform(({ PutObjectCommand }) => new PutObjectCommand({ ...place(key), Body: body, ...toHeaders(condition) }));
        return true;
      } catch (error) {
        if (condition !== undefined && REFUSED.has(answerStatus(error))) return false;
        // The object that the condition names was removed meanwhile.
        if (condition !== undefined && answerName(error) === 'NoSuchKey') return false;
        throw toStoreFailure(error, toRequest('s3:PutObject'));
      }
    },
    async remove(key) {
      try {
        await perform(({ DeleteObjectCommand }) => new DeleteObjectCommand(place(key)));
      } catch (error) {
        throw toStoreFailure(error, toRequest('s3:DeleteObject'));
      }
    },
    async close() {
      opened?.destroy();
    },
  };
}

interface GetAnswer {
  readonly Body?: { transformToByteArray(): Promise<Uint8Array>; destroy?(): void };
  readonly ETag?: string;
  readonly ContentLength?: number;
}

function tooLarge(bytes: number, maxBytes: number): DecodeError {
  return new DecodeError('too-large', `The object has ${bytes} bytes; at most ${maxBytes} are fetched (maxBytes).`);
}

function toHeaders(condition: WriteCondition) {
  if (condition === undefined) return {};
  return 'ifNone' in condition ? { IfNoneMatch: '*' } : { IfMatch: condition.ifTag };
}

function hintsOf(permission: string): ReadonlyMap<string, string> {
  const denied = `was denied; the role needs ${permission} on its objects, and s3:ListBucket on the bucket: without that, S3 denies what is not there.`;
  return new Map([
    ['NoSuchBucket', 'found no such bucket; create it, or correct bucket or region.'],
    ['AccessDenied', denied],
    ['Forbidden', denied],
    ['NotImplemented', 'was not understood; where a store knows no conditional writes, give createS3Backend conditionalWrites: false.'],
  ]);
}
