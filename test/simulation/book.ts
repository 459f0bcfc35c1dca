/**
 * The book of a life: every message and every task that ever was, and where each is now. It is kept from what AWS tells, not from what the
 * code under test says of itself.
 */

import { DEFAULT_SETTINGS } from '../../src/app/settings.ts';
import { LARGE_RESULT } from '../../src/backends/dynamodb-items.ts';
import { createDecoders } from '../../src/wire/decoders.ts';
import type { TaskMessage } from '../../src/wire/message.ts';
import { type ReadOptions, readMessage } from '../../src/wire/protocol-read.ts';
import type { ResultDocument } from '../../src/wire/result.ts';
import { readResultPayload } from '../../src/wire/result-payload.ts';
import type { SimItem, SimMessage, SimSqsEvent } from './aws/index.ts';
import { Fences, isSettled } from './fences.ts';
import { recordOf } from './points.ts';
import type { Applying, Invocation } from './process.ts';
import { hashOf } from './random.ts';

/** One run of a task's function. */
export interface Run {
  readonly taskId: string;
  readonly task: string;
  readonly retries: number;
  /** What its claim is held under, where there are claims. */
  readonly claimKey: string;
  readonly args: string;
  readonly invocation: Invocation;
  readonly startMs: number;
  ended: 'returned' | 'threw' | undefined;
}

export interface TaskRecord {
  readonly id: string;
  readonly task: string;
  readonly rootId: string;
  readonly ignoresResult: boolean;
  /** Messages of it that are in a queue that is worked on. */
  readonly live: Set<string>;
  /** Messages of it in a dead-letter queue. */
  readonly buried: Set<string>;
  readonly runs: Run[];
  /** A retry of it was sent behind what was queued: it has given its place up. */
  isResent: boolean;
  /** Receives of it that came to nothing because something had gone wrong. */
  disturbed: number;
  /** Its result is too large for the table, and for the note of its end: such ends are not fenced. */
  isElsewhere: boolean;
  document: ResultDocument | undefined;
}

/** A message as it was sent; `taskId` is undefined for what nobody can read. */
export interface MessageRecord {
  readonly messageId: string;
  readonly body: string;
  readonly queue: string;
  readonly message: TaskMessage | undefined;
  /** Its place among all, which on a FIFO queue is its order. */
  readonly order: number;
  readonly group: string | undefined;
  isMoved: boolean;
  /** Receives after which it came back though nothing had gone wrong. */
  unexplained: number;
  receives: number;
}

const READY = new Set(['SUCCESS', 'FAILURE', 'REVOKED']);

const READ: ReadOptions = {
  codecs: createDecoders(DEFAULT_SETTINGS.codecs, DEFAULT_SETTINGS.acceptContent),
  compressions: DEFAULT_SETTINGS.compressions,
};

export interface BookOptions {
  /** The queues that a mapping receives from; all others are for the dead. */
  readonly worked: readonly string[];
  /** Whether any end stays that a task has come to, not SUCCESS alone. */
  readonly stays: boolean;
  nowMs(): number;
  /** Whether a schedule that has not fired yet sends the message of this name. */
  isWaiting(name: string): boolean;
  /** A body as it was before it was put elsewhere, and a document that was. */
  wholeOf(body: string): string;
  largeResult(sha256: string): Uint8Array | undefined;
  miss(rule: string, what: string): void;
}

/** So long before its eta a message that has a schedule is sent by nothing else: nearer to it the queue's own delay ends the wait. */
const FAR_MS = 1_200_000;

export class Book {
  readonly tasks = new Map<string, TaskRecord>();
  readonly messages = new Map<string, MessageRecord>();
  /** Root ids of what clients sent. */
  readonly roots = new Set<string>();
  /** Ids named in what was sent: steps to come, bodies of chords. */
  readonly foreseen = new Set<string>();
  /** By the id of a task to come, the tasks whose messages name it. */
  readonly #carriers = new Map<string, Set<string>>();
  /** Claims that are settled, by key. */
  readonly settled = new Set<string>();
  /** Ready documents that became others. */
  readonly rewritten: string[] = [];
  /** On whose behalf AWS is doing something right now. */
  applying: Applying | undefined;
  readonly #read = new Map<string, TaskMessage | undefined>();
  readonly #worked: ReadonlySet<string>;
  #order = 0;

  readonly #options: BookOptions;
  readonly #fences: Fences;

  constructor(options: BookOptions) {
    this.#options = options;
    this.#worked = new Set(options.worked);
    this.#fences = new Fences(options.nowMs, options.miss);
  }

  /** The message in a body; undefined when it cannot be read. */
  read(body: string): TaskMessage | undefined {
    if (this.#read.has(body)) return this.#read.get(body);
    let message: TaskMessage | undefined;
    try {
      message = readMessage(this.#options.wholeOf(body), READ);
    } catch {
      message = undefined;
    }
    this.#read.set(body, message);
    return message;
  }

  nameOf(body: string): string {
    const message = this.read(body);
    if (message === undefined) return `unreadable-${hashOf(body).toString(36)}`;
    const { id, retries = 0 } = message.headers;
    return retries === 0 ? id : `${id}/${retries}`;
  }

  onSqs({ kind, message }: SimSqsEvent): void {
    // What is moved to another queue arrives there under the id it has.
    if (kind === 'sent' && !this.messages.has(message.messageId)) this.#sent(message);
    const record = this.messages.get(message.messageId);
    if (record === undefined) return;
    const task = record.message && this.tasks.get(record.message.headers.id);
    if (kind === 'received') record.receives += 1;
    if (kind === 'deleted' || kind === 'expired') task?.live.delete(message.messageId);
    if (kind !== 'moved') return;
    record.isMoved = true;
    task?.live.delete(message.messageId);
    task?.buried.add(message.messageId);
  }

  #sent({ messageId, body, queue, group }: SimMessage): void {
    const message = this.read(body);
    const isWorked = this.#worked.has(queue);
    const order = this.#order++;
    this.messages.set(messageId, { messageId, body, queue, message, order, group, isMoved: false, unexplained: 0, receives: 0 });
    if (message === undefined) return;
    const { eta } = message.headers;
    if (
      this.applying !== undefined &&
      eta &&
      Date.parse(eta) - this.#options.nowMs() > FAR_MS &&
      this.#options.isWaiting(this.nameOf(body))
    ) {
      this.#options.miss(
        'a wait goes one way',
        `${this.nameOf(body)} is sent by ${this.applying.process.name}, and a schedule waits for it`,
      );
    }
    const task = this.task(message);
    if ((message.headers.retries ?? 0) > 0) task.isResent = true;
    (isWorked ? task.live : task.buried).add(messageId);
    const by = this.applying?.process.name;
    if (by === undefined || by.startsWith('client')) this.roots.add(task.rootId);
    foresee(message.embed, (id) => {
      this.foreseen.add(id);
      const carriers = this.#carriers.get(id) ?? new Set();
      this.#carriers.set(id, carriers.add(task.id));
    });
  }

  /** The record of a message's task, made when the first one comes. */
  task({ headers }: TaskMessage): TaskRecord {
    const { id, task, root_id: rootId, ignore_result: ignores } = headers;
    let record = this.tasks.get(id);
    if (record === undefined) {
      record = {
        id,
        task,
        rootId: rootId ?? id,
        ignoresResult: ignores === true,
        live: new Set(),
        buried: new Set(),
        runs: [],
        isResent: false,
        disturbed: 0,
        isElsewhere: false,
        document: undefined,
      };
      this.tasks.set(id, record);
    }
    return record;
  }

  /** Documents that were stored for ids that no message has. */
  readonly documents = new Map<string, ResultDocument>();

  /** A document that is already there is not written, and whoever has no right to write it is noticed all the same. */
  onAsked(by: Applying): void {
    const task = this.#options.stays && by.point.endsWith('(result)') && isWrite(by.point) ? this.tasks.get(by.key) : undefined;
    if (task?.isElsewhere === false) this.#fences.onResult(task, by);
  }

  onDynamoDB({ key, before, after }: { readonly key: string; readonly before?: SimItem; readonly after?: SimItem }): void {
    const record = recordOf(key);
    if (record?.name === 'claim') {
      if (isSettled(after)) this.settled.add(record.id);
      this.#fences.onClaim(record.id, before, after, this.applying);
    }
    if (record?.name === 'chord') this.#fences.onChord(record.id, before, after, this.applying);
    if (record?.name !== 'result') return;
    const task = this.tasks.get(record.id);
    const elsewhere = after?.[LARGE_RESULT]?.S;
    const bytes = elsewhere === undefined ? after?.['result']?.B : this.#options.largeResult(elsewhere);
    if (elsewhere !== undefined && task !== undefined) task.isElsewhere = true;
    if (bytes === undefined) return;
    const document = readResultPayload(bytes);
    const known = this.documents.get(record.id);
    if (known !== undefined && (this.#options.stays ? READY.has(known.status) : known.status === 'SUCCESS') && !isSame(known, document)) {
      this.rewritten.push(`${record.id} was ${told(known)} and became ${told(document)}, by ${this.applying?.process.name}`);
    }
    this.documents.set(record.id, document);
    if (task !== undefined) task.document = document;
  }

  isDone({ id }: TaskRecord): boolean {
    return READY.has(this.documents.get(id)?.status ?? '');
  }

  /** What is missing before the message with this id may be deleted; undefined when nothing would be lost. */
  lacking(messageId: string, isScheduled: (taskId: string) => boolean): string | undefined {
    const record = this.messages.get(messageId);
    if (record === undefined) return undefined;
    if (record.message === undefined) return this.isSetAside(record.body) ? undefined : 'it is nowhere else';
    const task = this.task(record.message);
    if (!this.#hasEnd(task, messageId, isScheduled)) return 'its end is nowhere';
    return this.#lacksNext(record.message, task) ? 'the next step of its chain was never sent' : undefined;
  }

  /** A copy of the body is in a queue for the dead. */
  isSetAside(body: string): boolean {
    for (const other of this.messages.values()) if (other.body === body && (other.isMoved || !this.#worked.has(other.queue))) return true;
    return false;
  }

  #hasEnd(task: TaskRecord, messageId: string, isScheduled: (taskId: string) => boolean): boolean {
    if (this.isDone(task) || task.buried.size > 0) return true;
    for (const other of task.live) if (other !== messageId) return true;
    if (isScheduled(task.id) || this.#isCarried(task, isScheduled)) return true;
    return task.ignoresResult && task.runs.some(({ ended }) => ended !== undefined);
  }

  /** Of a chain that goes on, the next step is known, where it is a plain task. */
  #lacksNext({ embed }: TaskMessage, { id }: TaskRecord): boolean {
    const next = embed.chain?.at(-1);
    if (next === undefined || next.subtask_type !== null || this.documents.get(id)?.status !== 'SUCCESS') return false;
    const nextId = next.options['task_id'];
    return typeof nextId === 'string' && !this.tasks.has(nextId) && !this.documents.has(nextId);
  }

  /** What takes the task's place is on its way, and names it as what comes last. */
  #isCarried({ id }: TaskRecord, isScheduled: (taskId: string) => boolean): boolean {
    for (const carrier of this.#carriers.get(id) ?? []) {
      const task = this.tasks.get(carrier);
      if (carrier !== id && task !== undefined && (task.live.size > 0 || task.buried.size > 0 || isScheduled(carrier))) return true;
    }
    return false;
  }
}

const isWrite = (point: string): boolean => /Put|Write/.test(point);

const isSame = (a: ResultDocument, b: ResultDocument): boolean =>
  a.status === b.status && JSON.stringify(a.result) === JSON.stringify(b.result);

export const told = ({ status, result }: ResultDocument): string => `${status} ${JSON.stringify(result)?.slice(0, 120)}`;

/** Every id that is given to something within: signatures carry them in their options. */
function foresee(value: unknown, note: (id: string) => void): void {
  if (Array.isArray(value)) for (const one of value) foresee(one, note);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string') {
        if (name === 'task_id' || name === 'group_id') note(member);
      } else foresee(member, note);
    }
  }
}
