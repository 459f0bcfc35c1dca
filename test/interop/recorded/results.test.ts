import { describe, expect, it } from 'vitest';
import { EXCEPTION_STATES } from '../../../src/states.ts';
import { decodeException, encodeException } from '../../../src/wire/exception.ts';
import { readJson } from '../../../src/wire/json.ts';
import { readResult, writeResult } from '../../../src/wire/result.ts';
import { fileNames, readText, recordedRows } from '../../support/recorded.ts';

/** Files whose metas are not JSON. */
const OTHER_SERIALIZERS = /^redis-(?:serializer-(?:yaml|msgpack|pickle)|failure-pickle)/;
/** Files in which Celery stored no meta by their nature, and one whose recording is empty (`requests` and `objects`). */
const NO_META = /^(?:redis-(?:ignore-result(?:-send-task)?|ignored|rejected)(?:@|\.)|s3-success@5\.2\.6\.)/;

/** Every text in a recording that is JSON with a status: in commands, final keys, files, objects, items and API calls. */
function metasIn(recording: unknown): string[] {
  if (typeof recording === 'string') return isMeta(recording) ? [recording] : [];
  if (typeof recording !== 'object' || recording === null) return [];
  return Object.values(recording).flatMap(metasIn);
}

function isMeta(text: string): boolean {
  return text.startsWith('{') && Object.hasOwn(JSON.parse(text) as object, 'status');
}

const files = fileNames('celery-results').map((name) => ({ name, metas: metasIn(JSON.parse(readText(`celery-results/${name}`))) }));
const withMeta = files.filter(({ metas }) => metas.length > 0);

describe('celery-results', () => {
  it.each(withMeta)('$name: each document is read, and written again with the same meaning and order', ({ metas }) => {
    for (const text of metas) {
      const written = writeResult(readResult(text));
      expect(JSON.parse(written)).toEqual(JSON.parse(text));
      expect(Object.keys(JSON.parse(written) as object)).toEqual(Object.keys(JSON.parse(text) as object));
    }
  });

  it.each(withMeta)('$name: an exception is read, and encoded again as it was', ({ metas }) => {
    const documents = metas.map(readResult).filter(({ status, result }) => EXCEPTION_STATES.has(status) && result !== null);
    for (const { result, traceback } of documents) {
      const error = decodeException(result, traceback);
      expect(encodeException(error)).toEqual(result);
      expect(error.traceback).toBe(traceback ?? undefined);
    }
  });

  it('has a document in every file but those of other serializers and of no result', () => {
    const without = files.filter(({ metas }) => metas.length === 0).map(({ name }) => name);
    expect(without.filter((name) => !OTHER_SERIALIZERS.test(name) && !NO_META.test(name))).toEqual([]);
    const count = files.flatMap(({ metas }) => metas).length;
    console.log(`celery-results: ${count} of ${count} documents of ${withMeta.length} files; no JSON document in ${without.join(', ')}`);
    expect(count).toBeGreaterThan(500);
  });
});

interface ReadbackRow {
  readonly case: string;
  readonly value?: string;
  readonly state?: string;
  readonly result?: string;
  readonly get?: string;
}

/** Where we differ from Python's reader, and why. */
const DIFFERENT = new Map([
  ['failure-result-text', 'Python cannot even tell the state; we give FAILURE with an UnreadableException'],
  ['failure-result-null', 'Python raises an unrelated RuntimeError; we give an UnreadableException'],
  ['failure-not-a-class', 'Python raises SecurityError; we name the class in a RemoteError and never look for it'],
  ['failure-wrong-arity', 'Python cannot call the class; we call none'],
]);

describe.each(['result-readback', 'result-readback@5.2.6'])('%s', (table) => {
  const rows = recordedRows<ReadbackRow>(table);
  const stored = rows.filter((row): row is ReadbackRow & { value: string } => row.value !== undefined);

  it.each(stored)('$case is read where Python reads it', (row) => {
    const isReadable = !['without-task_id', 'without-status'].includes(row.case);
    expect(row.get?.startsWith('raises builtins.KeyError') ?? false).toBe(!isReadable);
    if (!isReadable) {
      expect(() => readResult(row.value)).toThrow(expect.objectContaining({ name: 'DecodeError' }));
      return;
    }
    const document = readResult(row.value);
    expect(document).toMatchObject(readJson(row.value) as object);
    if (!DIFFERENT.has(row.case)) expect(row.state).toBe(`'${document.status}'`);
  });

  it.each(stored.filter((row) => /^failure|^revoked/.test(row.case)))('$case gives a RemoteError', (row) => {
    const { result, traceback } = readResult(row.value);
    const error = decodeException(result, traceback);
    if (/result-(?:text|null)/.test(row.case)) expect(error.excType).toBe('UnreadableException');
    else expect(result).toMatchObject({ exc_type: error.excType });
    // Python prints the class it found or made, and the arguments it was called with.
    if (!DIFFERENT.has(row.case)) expect(row.result).toBe(`${error.excType}('${error.excArgs.join("', '")}')`);
  });

  it('counts its rows', () => {
    const rest = rows.filter((row) => row.value === undefined).map((row) => row.case);
    const same = stored.length - DIFFERENT.size;
    console.log(`${table}: ${same} of ${rows.length} rows as Python; other: ${[...DIFFERENT].map((pair) => pair.join(': ')).join(' | ')}`);
    console.log(`${table}: about a waiting client, not a document: ${rest.join(' | ')}`);
    expect([rows.length, stored.length, rest.length]).toEqual([19, 17, 2]);
  });
});
