/** The hand-made messages that were fed to a real Celery worker (5.6.3), replayed through our whole worker: the same end, or the difference argued. */

import { expect, test } from 'vitest';
import type { Outgoing } from '../../../src/transports/transport.ts';
import type { ResultDocument } from '../../../src/wire/result.ts';
import { isAcknowledged } from '../../../src/worker/disposition.ts';
import { recordedRows } from '../../support/recorded.ts';
import { createTestWorker } from '../../support/worker.ts';

interface Republished {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

interface Row {
  readonly case: string;
  readonly message_body: string;
  /** Argument lists the task was run with. */
  readonly executed: readonly unknown[] | null;
  readonly deleted: boolean;
  readonly state: string;
  readonly log: readonly string[] | null;
  readonly republished: readonly Republished[] | null;
}

/** How a message ended: in both workers the same fields. */
interface End {
  readonly executed: readonly unknown[] | null;
  readonly deleted: boolean;
  readonly state: string;
  readonly republished: readonly unknown[] | null;
  /** Code of the copy in the dead-letter queue; Celery has none. */
  readonly quarantined: string | null;
}

const rows = recordedRows<Row>('accepted-variants');

/** The id under which the recording looked for a state: the row's number, whatever id the message has. */
const idOf = (row: Row): string => `00000000-0000-4000-8000-${String(rows.indexOf(row) + 1).padStart(12, '0')}`;

/** A worker with the tasks the recorded one had. */
function createVariantsWorker() {
  const worker = createTestWorker({ settings: { deadLetterQueue: 'dead' } });
  const executed: unknown[] = [];
  worker.app.task('v.add', { params: ['x', 'y'] }, (x: number, y: number) => {
    executed.push([x, y]);
    return x + y;
  });
  worker.app.task('v.noop', () => {
    executed.push([]);
    return null;
  });
  worker.app.task('v.retry_once', { bind: true, params: ['x', 'y'] }, (self, _x: number, _y: number): never => {
    executed.push(['retries', self.request.retries]);
    return self.retry();
  });
  return { ...worker, executed };
}

async function replay(row: Row): Promise<End> {
  const { deliverText, executed, transport, results } = createVariantsWorker();
  const disposition = await deliverText(row.message_body);
  const stored = await results.fetch(idOf(row));
  const buried = transport.sent.filter(({ queue }) => queue === 'dead');
  const republished = transport.sent.filter(({ queue }) => queue !== 'dead').map((sent) => toRepublished(openSent(sent)));
  expect(buried.map(({ body }) => body)).toEqual(disposition.do === 'quarantine' ? [row.message_body] : []);
  return {
    executed: executed.length === 0 ? null : executed,
    deleted: isAcknowledged(disposition),
    state: stored === undefined ? 'PENDING' : stateText(stored),
    republished: republished.length === 0 ? null : republished,
    quarantined: disposition.do === 'quarantine' ? disposition.code : null,
  };
}

interface StoredError {
  readonly exc_type: string;
  readonly exc_message: readonly string[];
}

/** A state and its result, as the recording writes them: the result as Python's repr, the name of the function left out. */
function stateText({ status, result }: ResultDocument): string {
  if (status !== 'FAILURE' && status !== 'REVOKED') return `${status}:${result ?? 'None'}`;
  const { exc_type: type, exc_message: parts } = result as unknown as StoredError;
  if (type === 'NotRegistered') return `${status}:Task of kind '${parts[0]}' never registered, please make sure it's imported.`;
  return unnamed(`${status}:${type}('${parts.join()}')`);
}

const unnamed = (state: string): string => state.replace(/[\w.<>]+\.add\(\) /, '');

/** The message as the recording has it. What differs from run to run, and says who sent it, is looked at and left out. */
function toRepublished({ headers, body }: Republished): Republished {
  const { eta, origin, lang, ...same } = headers;
  expect([typeof eta, typeof origin, lang]).toEqual(['string', 'string', expect.stringMatching(/^(py|js)$/)]);
  return { headers: same, body };
}

function openSent({ body }: Outgoing): Republished {
  const envelope = JSON.parse(Buffer.from(body, 'base64').toString()) as {
    readonly headers: Republished['headers'];
    readonly body: string;
  };
  return { headers: envelope.headers, body: JSON.parse(Buffer.from(envelope.body, 'base64').toString()) };
}

const endInPython = ({ executed, deleted, state, republished }: Row): End => ({
  executed,
  deleted,
  state: unnamed(state),
  republished: republished?.map(toRepublished) ?? null,
  quarantined: null,
});

type Python = 'leaves' | 'exits' | 'loses';

/** What Python does with messages that we set aside at their first receive, and the trace this leaves in the recording. */
const PYTHON: Readonly<Record<Python, { readonly why: string; readonly shows: (row: Row) => boolean }>> = {
  leaves: {
    why: 'Python leaves it unread until the redrive policy takes it, saying only in its log why; waiting cannot mend it',
    shows: ({ deleted, log }) => !deleted && log?.some((line) => /unknown message|invalid task message/.test(line)) === true,
  },
  exits: {
    why: "Python's worker exits, and the message comes back to end the next",
    shows: ({ deleted, log }) => !deleted && log?.some((line) => line.includes('Unrecoverable error')) === true,
  },
  loses: {
    why: 'Python deletes it, run or not: it is lost, with no state',
    shows: ({ deleted, executed, state }) => deleted && executed === null && state === 'PENDING',
  },
};

const SET_ASIDE: readonly (readonly [name: string, code: string, python: Python])[] = [
  ['outer-base64-no-padding', 'not-json', 'leaves'],
  ['outer-base64-with-newlines', 'not-json', 'leaves'],
  ['body_encoding-unknown', 'bad-body-encoding', 'exits'],
  ['body-json-value-not-string', 'not-an-envelope', 'loses'],
  ['body-unpadded-base64', 'bad-base64', 'exits'],
  ['properties-missing', 'not-an-envelope', 'leaves'],
  ['content-type-missing', 'not-an-envelope', 'exits'],
  ['content-type-null', 'not-an-envelope', 'exits'],
  ['content-type-with-charset', 'content-disallowed', 'leaves'],
  ['content-type-unknown', 'content-disallowed', 'leaves'],
  ['content-type-pickle-not-accepted', 'content-disallowed', 'leaves'],
  ['headers-null', 'no-task-name', 'leaves'],
  ['headers-missing', 'no-task-name', 'leaves'],
  ['no-id', 'no-id', 'exits'],
  ['body-two-elements', 'bad-body-shape', 'exits'],
  ['kwargs-null', 'bad-kwargs', 'loses'],
  ['kwargs-list', 'bad-kwargs', 'loses'],
  ['body-not-json', 'not-json', 'loses'],
  ['body-empty', 'not-json', 'exits'],
  ['args-unknown-__type__', 'unknown-type-tag', 'loses'],
  ['v1-kwargs-list', 'bad-kwargs', 'leaves'],
  ['v1-no-task', 'no-task-name', 'leaves'],
  ['compression-real-gzip-file-format', 'bad-compression', 'loses'],
  ['compression-raw-deflate', 'bad-compression', 'loses'],
  ['compression-unknown', 'unknown-compression', 'loses'],
  ['eta-bad', 'bad-eta', 'leaves'],
  ['eta-number', 'bad-eta', 'leaves'],
  ['expires-bad', 'bad-expires', 'leaves'],
  ['plain-text', 'not-json', 'leaves'],
  ['plain-json-object', 'not-an-envelope', 'leaves'],
  ['plain-json-array', 'not-an-envelope', 'leaves'],
  ['plain-v1-json', 'not-an-envelope', 'leaves'],
  ['plain-v1-json-with-content-type', 'not-an-envelope', 'leaves'],
  ['plain-base64-text', 'not-json', 'leaves'],
  ['sns-notification-not-raw', 'not-an-envelope', 'leaves'],
];

const setAside = (code: string): End => ({ executed: null, deleted: true, state: 'PENDING', republished: null, quarantined: code });

const retried = (row: Row): End => {
  const [first] = namedRow('retries-missing-task-retries').republished!.map(toRepublished);
  const own = { id: idOf(row), root_id: idOf(row), parent_id: idOf(row), ignore_result: null };
  return {
    executed: [['retries', 0]],
    deleted: true,
    state: 'RETRY:None',
    republished: [{ ...first, headers: { ...first?.headers, ...own } }],
    quarantined: null,
  };
};

/** Other differences: what we do, and why. */
const OTHERWISE: ReadonlyMap<string, { readonly end: (row: Row) => End; readonly why: string }> = new Map([
  [
    'compression-bz2',
    {
      end: () => setAside('unknown-compression'),
      why: 'Node has no bzip2; the method is to be plugged in, and the message kept until then',
    },
  ],
  [
    'retries-missing-task-retries',
    {
      end: retried,
      why: 'without ignore_result it is retried with null, not false, so that the task’s own setting stays in force (celery get_actual_ignore_result)',
    },
  ],
  [
    'retries-null-task-retries',
    { end: retried, why: 'null retries count as 0; Python fails with a TypeError of its own, which is nothing the task did' },
  ],
]);

const ARGUED: ReadonlyMap<string, (row: Row) => End> = new Map([
  ...SET_ASIDE.map(([name, code]) => [name, () => setAside(code)] as const),
  ...Array.from(OTHERWISE, ([name, { end }]) => [name, end] as const),
]);

function namedRow(name: string): Row {
  return rows.find((row) => row.case === name) ?? expect.fail(`${name} is not recorded`);
}

test.each(rows)('$case ends as with Python, or as argued', async (row) => {
  expect(await replay(row)).toEqual(ARGUED.get(row.case)?.(row) ?? endInPython(row));
});

test.each(['outer-base64-trailing-newline', 'id-number'])('%s has its result under the id its message gives', async (name) => {
  const { deliverText, results } = createVariantsWorker();
  await deliverText(namedRow(name).message_body);
  const [stored] = results.documents().values();
  expect(stored).toMatchObject({ status: 'SUCCESS', result: 3 });
  expect(stored?.task_id).not.toBe(idOf(namedRow(name)));
});

test.each(SET_ASIDE)('%s is set aside as %s, which Python %s', (name, _code, python) => {
  expect(PYTHON[python].shows(namedRow(name))).toBe(true);
});

test('the differences are of recorded cases, each once, and differ', () => {
  expect(ARGUED.size).toBe(SET_ASIDE.length + OTHERWISE.size);
  for (const [name, end] of ARGUED) expect(end(namedRow(name))).not.toEqual(endInPython(namedRow(name)));
  const reasons = [...SET_ASIDE.map(([, , python]) => PYTHON[python].why), ...Array.from(OTHERWISE.values(), ({ why }) => why)];
  const counts = Map.groupBy(reasons, (why) => why);
  const argued = Array.from(counts, ([why, cases]) => `  ${cases.length}: ${why}`);
  console.log(
    [`variants-worker: ${rows.length - ARGUED.size} of ${rows.length} rows end the same, ${ARGUED.size} argued`, ...argued].join('\n'),
  );
});
