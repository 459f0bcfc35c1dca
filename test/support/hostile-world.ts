/** A worker behind createHandler whose every effect is looked at: what became of each record, what was sent, logged and changed. */

import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { createApp } from '../../src/app/app.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import type { SqsRecord } from '../../src/lambda/event.ts';
import { createHandler } from '../../src/lambda/handler.ts';
import { createMemoryLedger } from '../../src/ledgers/memory.ts';
import { createJsonLogger, type Logger, type LogLine } from '../../src/logger.ts';
import type { SigningOptions } from '../../src/signing/signing.ts';
import { createLambdaContext, createSqsRecord } from '../../src/testing/events.ts';
import { createFakeClock } from './fake-clock.ts';
import { SECRET } from './hostile-values.ts';
import { envelopeText } from './messages.ts';
import { createRecordingTransport } from './recording.ts';

const DEAD = 'dead';
const LINE_BYTES = 16_384;

export interface HostileOptions {
  /** With one, starts are counted and ids may be revoked. Default false. */
  readonly ledger?: boolean;
  readonly signing?: SigningOptions;
  /** As createHandler takes it. */
  readonly concurrency?: number;
}

/** Where a record ended: exactly one of them, or the test fails. */
export type Fate = 'acknowledged' | 'returned' | 'quarantined';

export interface HostileWorld {
  /** A message of a task that succeeds. */
  good(options?: Parameters<typeof createSqsRecord>[1]): SqsRecord;
  /** Hands over one batch, checks all that holds for any batch, and tells where each record ended. */
  run(records: readonly SqsRecord[]): Promise<ReadonlyMap<string, Fate>>;
  /** Codes of the verdicts on the last batch. */
  codes(): readonly string[];
  /** The state stored for the task of a good record. */
  stateOf(record: SqsRecord): Promise<string | undefined>;
}

export function createHostileWorld({ ledger = false, signing, concurrency = 10 }: HostileOptions = {}): HostileWorld {
  const clock = createFakeClock();
  const transport = createRecordingTransport();
  const backend = createMemoryBackend();
  const lines: LogLine[] = [];
  const texts: string[] = [];
  const app = createApp('proj', {
    deadLetterQueue: DEAD,
    taskDeadLetterQueue: null,
    taskPublishRetryPolicy: { maxRetries: 0 },
  }).connect({
    transport,
    backend,
    clock,
    logger: teeLogger(lines, texts),
    ...(ledger && { ledger: createMemoryLedger() }),
    ...(signing !== undefined && { signing }),
  });
  declareTasks(app);
  const handler = createHandler(app, { concurrency });
  const taskIds = new Map<string, string>();

  return {
    good: (options = {}) => {
      const id = randomUUID();
      const record = createSqsRecord(envelopeText({ headers: { task: 'good', id }, body: [[SECRET], {}, null] }), {
        messageId: randomUUID(),
        ...options,
      });
      taskIds.set(record.messageId, id);
      return record;
    },
    codes: () => lines.flatMap(({ code }) => (typeof code === 'string' ? [code] : [])),
    stateOf: async ({ messageId }) => (await backend.fetch(taskIds.get(messageId) ?? ''))?.status,
    async run(records) {
      lines.length = 0;
      texts.length = 0;
      transport.sent.length = 0;
      const { batchItemFailures } = await handler({ Records: records }, createLambdaContext());
      const returned = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
      checkAnswer(returned, records);
      checkLines(texts);
      checkSent(transport.sent);
      checkPrototypes();
      return fatesOf(records, new Set(returned), lines, transport.sent);
    },
  };
}

/** Every name the recorded messages have, and names that are a trap for lookups in plain objects. */
function declareTasks(app: ReturnType<typeof createApp>): void {
  app.task('good', (...given: readonly string[]) => given.length);
  for (const name of ['add', 'mul', 'xsum', 'echo', 'noop', 'spawn', 'report', 'replace_me', 'limited', 'on_err_old']) {
    // The result is the arguments, secrets and all.
    app.task(`proj.tasks.${name}`, { kwargs: true }, (...given: readonly never[]) => given);
  }
  app.task('proj.tasks.fail', { kwargs: true }, (..._given: readonly never[]): never => {
    throw new RangeError('as told');
  });
  for (const name of ['flaky', 'flaky_now', 'auto', 'retry_other_args']) {
    app.task(`proj.tasks.${name}`, { kwargs: true, bind: true, maxRetries: 3 }, (self, ..._given: readonly never[]): never =>
      self.retry({ countdown: 1 }),
    );
  }
  for (const name of ['constructor', 'toString']) app.task(name, { kwargs: true }, (...given: readonly never[]) => given.length);
}

function teeLogger(lines: LogLine[], texts: string[]): Logger {
  const json = createJsonLogger((text) => texts.push(text));
  const at =
    (level: keyof Logger) =>
    (line: LogLine): void => {
      lines.push(line);
      json[level](line);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

// ── what holds for any batch ────────────────────────────────────────────────

function checkAnswer(returned: readonly string[], records: readonly SqsRecord[]): void {
  const ids = new Set(records.map(({ messageId }) => messageId));
  expect(returned.filter((id) => !ids.has(id))).toEqual([]);
  expect(new Set(returned).size).toBe(returned.length);
}

/** Whatever a terminal or a reader of logs may take for an end of line or a command. */
const BREAKS_A_LINE = /[\p{Cc}\u2028\u2029]/u;

function checkLines(texts: readonly string[]): void {
  for (const text of texts) {
    if (Buffer.byteLength(text) > LINE_BYTES) expect.fail(`a log line of ${Buffer.byteLength(text)} bytes`);
    if (BREAKS_A_LINE.test(text)) expect.fail(`a control character in ${text}`);
    if (text.includes(SECRET)) expect.fail(`a secret in ${text}`);
    const { messageId, message } = JSON.parse(text) as LogLine;
    if (typeof message !== 'string' || (text.includes('acknowledged') && messageId === undefined)) expect.fail(`nameless: ${text}`);
  }
}

function checkSent(sent: ReturnType<typeof createRecordingTransport>['sent']): void {
  for (const { attributes } of sent) {
    const shown = JSON.stringify(attributes ?? {}, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    if (shown.includes(SECRET)) expect.fail(`a secret in ${shown}`);
  }
}

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Map.prototype, Promise.prototype];
const pristine = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length);

/** Counted after every case, for any change would be one key more or less. */
export function checkPrototypes(): void {
  for (const [index, prototype] of PROTOTYPES.entries()) {
    if (Reflect.ownKeys(prototype).length !== pristine[index]) expect.fail(`${String(prototype)} was changed`);
  }
  if (({} as { polluted?: unknown }).polluted !== undefined) expect.fail('Object.prototype was polluted');
}

/** Told from the answer, the log and the dead-letter queue, which must agree. */
function fatesOf(
  records: readonly SqsRecord[],
  returned: ReadonlySet<string>,
  lines: readonly LogLine[],
  sent: ReturnType<typeof createRecordingTransport>['sent'],
): ReadonlyMap<string, Fate> {
  const ends = Map.groupBy(
    lines.filter((line) => 'acknowledged' in line),
    (line) => line['messageId'],
  );
  const buried = Map.groupBy(
    sent.filter(({ queue }) => queue === DEAD),
    ({ id }) => id,
  );
  return new Map(
    records.map(({ messageId }) => {
      const said = ends.get(messageId) ?? [];
      // Of a message group whose first was given back the others are, untried and unmentioned.
      if (said.length === 0 && returned.has(messageId) && isSuccessor(messageId, records, returned)) return [messageId, 'returned'];
      if (said.length !== 1) expect.fail(`${said.length} ends were logged for one record`);
      const isReturned = returned.has(messageId);
      const copies = buried.get(messageId)?.length ?? 0;
      if (said[0]!['acknowledged'] === isReturned) expect.fail(`the log says otherwise than the answer: ${JSON.stringify(said)}`);
      if (copies > 1 || (copies === 1 && isReturned)) expect.fail(`${copies} dead letters of a record, returned: ${isReturned}`);
      return [messageId, isReturned ? 'returned' : copies === 1 ? 'quarantined' : 'acknowledged'];
    }),
  );
}

function isSuccessor(id: string, records: readonly SqsRecord[], returned: ReadonlySet<string>): boolean {
  const group = records.find(({ messageId }) => messageId === id)?.attributes.MessageGroupId;
  const first = records.find(({ messageId, attributes }) => attributes.MessageGroupId === group && returned.has(messageId));
  return group !== undefined && first?.messageId !== id;
}
