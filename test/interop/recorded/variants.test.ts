/** Hand-made messages that were fed to a real Celery worker (5.6.3): what it ran, we read; what it could not, ends in a stated way. */

import { expect, test } from 'vitest';
import { createCodecs, readMessage, type TaskMessage } from '../../../src/wire/index.ts';
import { thrownBy } from '../../support/messages.ts';
import { recordedRows } from '../../support/recorded.ts';

interface Row {
  readonly case: string;
  readonly message_body: string;
  /** Argument lists the task was run with. */
  readonly executed: readonly unknown[] | null;
  readonly deleted: boolean;
  readonly state: string;
  readonly worker_crashed: unknown;
}

const options = { codecs: createCodecs() };
const rows = recordedRows<Row>('accepted-variants');

/** What Python does not run: the code we give, and what Python does instead. */
const REFUSED = new Map<string, { readonly code: string; readonly python: string }>([
  ['outer-base64-no-padding', { code: 'not-json', python: 'leaves it as an unknown message' }],
  ['outer-base64-with-newlines', { code: 'not-json', python: 'leaves it as an unknown message' }],
  ['body_encoding-unknown', { code: 'bad-body-encoding', python: 'the worker exits' }],
  ['body-json-value-not-string', { code: 'not-an-envelope', python: 'deletes it as not decodable' }],
  ['body-unpadded-base64', { code: 'bad-base64', python: 'the worker exits' }],
  ['properties-missing', { code: 'not-an-envelope', python: 'leaves it as an unknown message' }],
  ['content-type-missing', { code: 'not-an-envelope', python: 'the worker exits' }],
  ['content-type-null', { code: 'not-an-envelope', python: 'the worker exits' }],
  ['content-type-with-charset', { code: 'content-disallowed', python: 'leaves it as an invalid task' }],
  ['content-type-unknown', { code: 'content-disallowed', python: 'leaves it as an invalid task' }],
  ['content-type-pickle-not-accepted', { code: 'content-disallowed', python: 'leaves it as an invalid task' }],
  ['headers-null', { code: 'no-task-name', python: 'leaves it as an unknown message' }],
  ['headers-missing', { code: 'no-task-name', python: 'leaves it as an unknown message' }],
  ['no-id', { code: 'no-id', python: 'the worker exits' }],
  ['body-two-elements', { code: 'bad-body-shape', python: 'the worker exits' }],
  ['kwargs-null', { code: 'bad-kwargs', python: 'deletes it, no state' }],
  ['kwargs-list', { code: 'bad-kwargs', python: 'deletes it, no state' }],
  ['body-not-json', { code: 'not-json', python: 'deletes it as not decodable' }],
  ['body-empty', { code: 'not-json', python: 'the worker exits' }],
  ['args-unknown-__type__', { code: 'unknown-type-tag', python: 'deletes it as not decodable' }],
  ['v1-kwargs-list', { code: 'bad-kwargs', python: 'leaves it as an invalid task' }],
  ['v1-no-task', { code: 'no-task-name', python: 'leaves it as an unknown message' }],
  ['compression-real-gzip-file-format', { code: 'bad-compression', python: 'deletes it as not decodable' }],
  ['compression-raw-deflate', { code: 'bad-compression', python: 'deletes it as not decodable' }],
  ['compression-unknown', { code: 'unknown-compression', python: 'deletes it as not decodable' }],
  ['eta-bad', { code: 'bad-eta', python: 'leaves it as an invalid task' }],
  ['eta-number', { code: 'bad-eta', python: 'leaves it as an invalid task' }],
  ['expires-bad', { code: 'bad-expires', python: 'leaves it as an invalid task' }],
  ['plain-text', { code: 'not-json', python: 'leaves it as an unknown message' }],
  ['plain-json-object', { code: 'not-an-envelope', python: 'leaves it as an unknown message' }],
  ['plain-json-array', { code: 'not-an-envelope', python: 'leaves it as an unknown message' }],
  ['plain-v1-json', { code: 'not-an-envelope', python: 'leaves it as an unknown message' }],
  ['plain-v1-json-with-content-type', { code: 'not-an-envelope', python: 'leaves it as an unknown message' }],
  ['plain-base64-text', { code: 'not-json', python: 'leaves it as an unknown message' }],
  ['sns-notification-not-raw', { code: 'not-an-envelope', python: 'leaves it as an unknown message' }],
]);

/** What Python does not run either, though it is well formed: the worker decides, after reading. */
const READ_BUT_NOT_RUN = new Map<string, (message: TaskMessage) => void>([
  ['unknown-task', (message) => expect(message.headers.task).toBe('v.nope')],
  ['args-null', (message) => expect(message.argsFault).toBe('argument after * must be an iterable, not NoneType')],
  ['args-wrong-arity', (message) => expect(message.args).toEqual([1, 2, 3])],
  ['expires-past', (message) => expect(message.headers.expires).toBe('2001-01-01T00:00:00Z')],
]);

/** What Python runs and we do not. */
const NOT_OURS = new Map([
  // Node has no bzip2; the method is to be plugged in.
  ['compression-bz2', 'unknown-compression'],
]);

/** The task of these rows notes its retries instead of its arguments. */
const NOTES_RETRIES = /^retries-/;

const isRun = (row: Row): boolean => row.executed !== null && !NOT_OURS.has(row.case);

test.each(rows.filter(isRun))('$case is run by Python and read by us with the same arguments', (row) => {
  const message = readMessage(row.message_body, options);
  if (NOTES_RETRIES.test(row.case)) expect(message.headers.retries ?? 0).toBe(0);
  else expect([message.args]).toEqual(row.executed);
});

test.each(rows.filter((row) => READ_BUT_NOT_RUN.has(row.case)))('$case is read, and what becomes of it is left to the worker', (row) => {
  READ_BUT_NOT_RUN.get(row.case)?.(readMessage(row.message_body, options));
});

const notRun = rows.filter((row) => !isRun(row) && !READ_BUT_NOT_RUN.has(row.case));

test.each(notRun)('$case is refused with the stated code', (row) => {
  const code = NOT_OURS.get(row.case) ?? REFUSED.get(row.case)?.code;
  const error = thrownBy(() => readMessage(row.message_body, options));
  expect(error.code).toBe(code);
});

test('the tables name no case that is not recorded', () => {
  const cases = new Set(rows.map((row) => row.case));
  for (const name of [...REFUSED.keys(), ...READ_BUT_NOT_RUN.keys(), ...NOT_OURS.keys()]) expect(cases).toContain(name);
  const run = rows.filter(isRun).length;
  console.log(`variants: ${rows.length} rows, ${run} read and run, ${READ_BUT_NOT_RUN.size} read only, ${notRun.length} refused as stated`);
});

test('where Celery 5.2 does otherwise, the newer Celery is followed', () => {
  const outcome = (row: Row): string => JSON.stringify([row.executed, row.deleted, row.state.startsWith('SUCCESS')]);
  const newer = new Map(rows.map((row) => [row.case, outcome(row)]));
  const different = recordedRows<Row>('accepted-variants@5.2.6').filter((row) => newer.get(row.case) !== outcome(row));
  expect(different.map((row) => row.case)).toEqual([
    // 5.2 takes no white space around base64, and exits.
    'outer-base64-trailing-newline',
    // 5.2 exits.
    'body-plain-text-body_encoding-utf-8',
    'no-delivery_info',
    'properties-empty',
    // 5.2 knows no tags and hands the object over.
    'args-unknown-__type__',
    // 5.2 exits.
    'retries-null-task-retries',
    // 5.2 runs an object that is no envelope.
    'plain-v1-json-with-content-type',
  ]);
});
