import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Backend, type S3BackendOptions } from '../../../src/backends/s3.ts';
import { type ResultFields, toResultDocument, writeResult } from '../../../src/wire/result.ts';
import { sdkError } from '../../support/dynamodb-client.ts';
import { fileNames, readText } from '../../support/recorded.ts';
import { type LocalS3, startS3 } from '../../support/s3.ts';

const newId = (): string => crypto.randomUUID();
const documentOf = (task_id: string, fields: Partial<ResultFields> = {}) => toResultDocument({ status: 'SUCCESS', ...fields, task_id });

let s3: LocalS3;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

const open = (options: Partial<S3BackendOptions> = {}) => createS3Backend({ bucket: s3.bucket, ...s3.connection, ...options });

interface Request {
  readonly action: string;
  readonly input: { readonly IfNoneMatch?: string; readonly IfMatch?: string };
}

/** A client that answers by a function, and what it was asked. */
function answering(answer: (request: Request, nth: number) => unknown, options: Partial<S3BackendOptions> = {}) {
  const seen: Request[] = [];
  const client = {
    async send(command: never): Promise<unknown> {
      const given = command as { readonly constructor: { readonly name: string }; readonly input: Request['input'] };
      const request = { action: given.constructor.name.replace(/Command$/, ''), input: given.input };
      seen.push(request);
      return answer(request, seen.length);
    },
  };
  return { seen, backend: createS3Backend({ bucket: 'b', client, ...options }) };
}

const body = (text: string, ETag?: string) => ({ Body: { transformToByteArray: async () => Buffer.from(text) }, ...(ETag && { ETag }) });

describe('an object', () => {
  it('is Celery’s: its key, base path as it is, and its text', async () => {
    const document = documentOf(newId(), { result: 'ü' });
    await open({ basePath: 'results/at' }).store(document);
    await open({ basePath: 'p/', keyPrefix: 'prod' }).store(document);
    await open().store(document);
    const id = document.task_id;
    for (const key of [`results/atcelery-task-meta-${id}`, `p/prod_celery-task-meta-${id}`, `celery-task-meta-${id}`]) {
      expect(await s3.text(key)).toBe(writeResult(document));
    }
  });

  it('that no Celery wrote is a BackendGetError, and is not written over', async () => {
    await s3.put('celery-task-meta-odd', '{}');
    await s3.put('celery-taskset-meta-odd', '{}');
    await expect(open().fetch('odd')).rejects.toMatchObject({ name: 'BackendGetError', cause: { name: 'DecodeError' } });
    await expect(open().store(documentOf('odd'))).rejects.toMatchObject({ name: 'BackendStoreError' });
    await expect(open().groups.restore('odd')).rejects.toMatchObject({ name: 'BackendGetError', cause: { name: 'DecodeError' } });
  });
});

describe('what the real Celery stored', () => {
  const recorded = fileNames('celery-results')
    .filter((name) => name.startsWith('s3-'))
    .map((file) => [file, recordedObjects(file)] as const)
    .filter(([, objects]) => objects.length > 0);

  it.each(recorded)('is read: %s', async (_file, objects) => {
    for (const [key, text] of objects) {
      await s3.put(key, text);
      const [, basePath = '', kind, id = ''] = /^(.*)celery-(task|taskset)-meta-(.*)$/.exec(key) ?? [];
      const backend = open({ basePath });
      if (kind === 'task') expect(await backend.fetch(id)).toMatchObject({ status: JSON.parse(text).status, task_id: id });
      else expect(await backend.groups.restore(id)).toEqual(JSON.parse(text).result);
    }
  });
});

/** Keys without the bucket they were in. */
function recordedObjects(file: string): readonly (readonly [key: string, text: string])[] {
  const { objects } = JSON.parse(readText(`celery-results/${file}`)) as { readonly objects: Readonly<Record<string, string>> };
  return Object.entries(objects).map(([path, text]) => [path.replace(/^\/[^/]+\//, ''), text]);
}

describe('storing', () => {
  it('asks for nothing to be there, or for what was read to be there still', async () => {
    const first = answering(({ action }) => (action === 'GetObject' ? Promise.reject(sdkError('NoSuchKey')) : {}));
    await first.backend.store(documentOf('i'));
    expect(first.seen).toMatchObject([{ action: 'GetObject' }, { action: 'PutObject', input: { IfNoneMatch: '*' } }]);
    const second = answering(({ action }) =>
      action === 'GetObject' ? body(writeResult(documentOf('i', { status: 'STARTED' })), '"t"') : {},
    );
    await second.backend.store(documentOf('i'));
    expect(second.seen).toMatchObject([{ action: 'GetObject' }, { action: 'PutObject', input: { IfMatch: '"t"' } }]);
  });

  it('looks again when others wrote meanwhile, and leaves their SUCCESS', async () => {
    for (const refusal of [
      sdkError('PreconditionFailed', { $metadata: { httpStatusCode: 412 } }),
      sdkError('ConditionalRequestConflict', { $metadata: { httpStatusCode: 409 } }),
      sdkError('NoSuchKey', { $metadata: { httpStatusCode: 404 } }),
    ]) {
      const { backend, seen } = answering((_, nth) => {
        if (nth === 1) throw sdkError('NoSuchKey');
        if (nth === 2) throw refusal;
        return body(writeResult(documentOf('i')));
      });
      await backend.store(documentOf('i', { status: 'FAILURE', result: null }));
      expect(seen.map(({ action }) => action)).toEqual(['GetObject', 'PutObject', 'GetObject']);
    }
  });

  it('stops where others write again and again', async () => {
    const { backend } = answering(({ action }) => {
      throw action === 'GetObject' ? sdkError('NoSuchKey') : sdkError('PreconditionFailed', { $metadata: { httpStatusCode: 412 } });
    });
    await expect(backend.store(documentOf('i'))).rejects.toMatchObject({
      name: 'BackendStoreError',
      message: expect.stringContaining('again and again'),
    });
  });

  it('asks for nothing where the store knows no conditions, and looks first as Celery does', async () => {
    const { backend, seen } = answering(() => Promise.resolve(body(writeResult(documentOf('i', { status: 'STARTED' })), '"t"')), {
      conditionalWrites: false,
    });
    await backend.store(documentOf('i'));
    expect(seen[1]?.input).not.toHaveProperty('IfMatch');
    const done = answering(() => body(writeResult(documentOf('i'))), { conditionalWrites: false });
    await done.backend.store(documentOf('i'));
    expect(done.seen).toHaveLength(1);
  });

  it('goes without a condition where the store gives no tags', async () => {
    const { backend, seen } = answering(() => body(writeResult(documentOf('i', { status: 'STARTED' }))));
    await backend.store(documentOf('i'));
    expect(seen[1]?.input).not.toHaveProperty('IfMatch');
  });

  it('never overwrites a SUCCESS in a store that overlooks conditions', async () => {
    const plain = await startS3({ conditions: false });
    try {
      const backend = createS3Backend({ bucket: plain.bucket, ...plain.connection });
      await backend.store(documentOf('i', { status: 'STARTED' }));
      await backend.store(documentOf('i', { result: 1 }));
      await backend.store(documentOf('i', { result: 2 }));
      expect((await backend.fetch('i'))?.result).toBe(1);
      await backend.close?.();
    } finally {
      await plain.stop();
    }
  });
});

describe('a failure', () => {
  it.each([
    ['NoSuchBucket', /found no such bucket/],
    ['AccessDenied', /the role needs s3:GetObject on its objects, and s3:ListBucket/],
    ['SlowDown', /trying again will not help|may succeed later/],
  ])('to read says what it was: %s', async (name, message) => {
    const cause = sdkError(name);
    const { backend } = answering(() => Promise.reject(cause));
    await expect(backend.fetch('i')).rejects.toMatchObject({ name: 'BackendGetError', message: expect.stringMatching(message), cause });
    await expect(backend.store(documentOf('i'))).rejects.toMatchObject({ name: 'BackendStoreError' });
  });

  it('to write says what it was', async () => {
    const failing = (error: Error) =>
      answering(({ action }) => Promise.reject(action === 'GetObject' ? sdkError('NoSuchKey') : error)).backend;
    await expect(failing(sdkError('NotImplemented')).store(documentOf('i'))).rejects.toThrow(/conditionalWrites: false/);
    await expect(failing(sdkError('AccessDenied')).forget('i')).rejects.toThrow(/s3:DeleteObject on bucket 'b' was denied/);
    const down = sdkError('InternalError', { $metadata: { httpStatusCode: 500 } });
    await expect(failing(down).groups.save('g', [['g', null], []])).rejects.toMatchObject({ name: 'BackendStoreError', cause: down });
  });

  it('is an answer without a body', async () => {
    await expect(answering(() => undefined).backend.fetch('i')).rejects.toMatchObject({
      name: 'BackendGetError',
      message: expect.stringContaining('no body'),
    });
  });
});
