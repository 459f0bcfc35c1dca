/**
 * S3 as fauxqs plays it, on loopback and in memory, with one bucket. fauxqs overlooks If-None-Match and If-Match of a write, so they are
 * looked at here, as S3 does: one write of a key at a time, 412 where the condition does not hold.
 */

import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { buildApp } from 'fauxqs';

export interface LocalS3 {
  readonly connection: { readonly endpoint: string; readonly region: string; readonly credentials: typeof CREDENTIALS };
  readonly bucket: string;
  keys(): Promise<readonly string[]>;
  /** An object as text. */
  text(key: string): Promise<string | undefined>;
  put(key: string, body: string | Uint8Array): Promise<void>;
  stop(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const BUCKET = 'results';

/** Starts fauxqs; it ends with `stop`. @param conditions false where the store shall overlook them */
export async function startS3({ conditions = true } = {}): Promise<LocalS3> {
  const app = buildApp({ logger: false, defaultRegion: 'us-east-1' });
  if (conditions) checkConditions(app);
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  return await openBucket(endpoint, BUCKET, () => app.close());
}

/** A new bucket at the endpoint of a server that runs already. */
export async function openS3(endpoint: string): Promise<LocalS3> {
  return await openBucket(endpoint, `results-${crypto.randomUUID()}`, async () => {});
}

async function openBucket(endpoint: string, bucket: string, stop: () => Promise<unknown>): Promise<LocalS3> {
  const connection = { endpoint, region: 'us-east-1', credentials: CREDENTIALS };
  const client = new S3Client({ ...connection, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    connection,
    bucket,
    async keys() {
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return (Contents ?? []).map(({ Key }) => Key ?? '');
    },
    async text(key) {
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key })).catch(() => undefined);
      return await answer?.Body?.transformToString();
    },
    async put(key, body) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    async stop() {
      client.destroy();
      await stop();
    },
  };
}

function checkConditions(app: ReturnType<typeof buildApp>): void {
  const turns = new Map<string, Promise<void>>();
  const ends = new WeakMap<object, () => void>();
  app.addHook('preHandler', async (request, reply) => {
    const { method, url, headers } = request;
    const [ifNone, ifTag] = [headers['if-none-match'], headers['if-match']];
    if (method !== 'PUT' || (ifNone === undefined && ifTag === undefined)) return;
    const before = turns.get(url);
    const turn = Promise.withResolvers<void>();
    turns.set(url, turn.promise);
    ends.set(request, turn.resolve);
    await before;
    const { statusCode, headers: there } = await app.inject({ method: 'HEAD', url, headers: { host: headers.host ?? '' } });
    const holds = ifNone === undefined ? statusCode === 200 && there.etag === ifTag : statusCode === 404;
    if (!holds) {
      const text = '<?xml version="1.0"?><Error><Code>PreconditionFailed</Code><Message>At least one did not hold</Message></Error>';
      return reply.code(412).type('application/xml').send(text);
    }
  });
  app.addHook('onResponse', async (request) => ends.get(request)?.());
}
