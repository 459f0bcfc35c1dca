/** Messages of the real Celery for the demo, as recorded in test/interop/recorded/fixtures/celery. */

import { readFile } from 'node:fs/promises';

/** One recorded message. */
export interface Recorded {
  readonly task: string;
  readonly id: string;
  /** Celery's. */
  readonly version: string;
  readonly about: string;
  /** What its task does, or the code of the dead letter that a worker which takes JSON alone makes of it. */
  readonly fate: 'succeeds' | 'fails' | { readonly refusal: string };
  /** What SendMessage was given, but for the queue. */
  readonly message: {
    readonly MessageBody: string;
    readonly MessageGroupId?: string;
    readonly MessageAttributes?: Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;
  };
}

/** File of the fixture and what is particular about it. None has an eta or an expiry: recordings age. */
const SUCCEEDING: readonly (readonly [file: string, about: string])[] = [
  ['args', 'two numbers'],
  ['args@5.2.6', 'two numbers'],
  ['kwargs', 'keywords'],
  ['kwargs@5.2.6', 'keywords'],
  ['args-and-kwargs', 'both'],
  ['no-args@5.2.6', 'no arguments'],
  ['nested', 'nested values'],
  ['unicode', 'unicode'],
  ['unicode@5.2.6', 'unicode'],
  ['types-json', 'dates, decimal, uuid'],
  ['types-json@5.2.6', 'dates as plain texts'],
  ['types-bytes', 'bytes'],
  ['long-repr', 'long arguments'],
  ['compression-zlib', 'zlib'],
  ['compression-zlib@5.2.6', 'zlib'],
  ['compression-gzip', 'gzip'],
  ['compression-brotli', 'brotli'],
  ['compression-zstd', 'zstd'],
  ['body-encoding-none', 'body without base64'],
  ['no-base64', 'plain envelope'],
  ['no-base64@5.2.6', 'plain envelope'],
  ['protocol-1-plain', 'protocol 1'],
  ['protocol-1-plain@5.2.6', 'protocol 1'],
  ['priority', 'priority'],
  ['headers-custom', 'headers of its own'],
  ['message-attributes', 'message attributes'],
  ['stamps', 'stamps'],
  ['time-limits@5.2.6', 'time limits'],
  ['ignore-result-task', 'no result stored'],
  ['task-id', 'an id of its own'],
  ['send-task', 'sent by name'],
  ['beat-entry-unregistered@5.2.6', 'sent by beat'],
  ['retry', 'retries itself once'],
];

const FAILING: readonly (readonly [file: string, about: string])[] = [['autoretry-backoff', 'is retried once, in vain']];

const REFUSED: readonly (readonly [file: string, about: string, refusal: string])[] = [
  ['serializer-pickle', 'pickle', 'content-disallowed'],
  ['serializer-yaml@5.2.6', 'yaml', 'content-disallowed'],
  ['compression-lzma', 'lzma', 'unknown-compression'],
];

interface Fixture {
  readonly celery_version: string;
  readonly sqs: Recorded['message'] & { readonly QueueUrl: string };
  /** Protocol 1 has in the body what protocol 2 has in the headers. */
  readonly decoded: { readonly headers: Partial<Named>; readonly body: Partial<Named> };
}

interface Named {
  readonly task: string;
  readonly id: string;
}

const FIXTURES = new URL('../../test/interop/recorded/fixtures/celery/', import.meta.url);

/** Reads them all, those that run first. */
export async function readRecorded(): Promise<readonly Recorded[]> {
  return await Promise.all([
    ...SUCCEEDING.map(([file, about]) => readOne(file, about, 'succeeds')),
    ...FAILING.map(([file, about]) => readOne(file, about, 'fails')),
    ...REFUSED.map(([file, about, refusal]) => readOne(file, about, { refusal })),
  ]);
}

async function readOne(file: string, about: string, fate: Recorded['fate']): Promise<Recorded> {
  const fixture = JSON.parse(await readFile(new URL(`${file}.json`, FIXTURES), 'utf8')) as Fixture;
  const { QueueUrl: _recordedUrl, ...message } = fixture.sqs;
  const { headers, body } = fixture.decoded;
  const task = headers.task ?? body.task ?? '';
  const id = headers.id ?? body.id ?? '';
  return { task, id, version: fixture.celery_version, about, fate, message };
}
