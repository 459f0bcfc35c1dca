/** One simulated queue: who may receive what and when. Receipts are looked up and requests spelled in sqs.ts. */

import { createHash } from 'node:crypto';
import type { SimMessage, SimMessageState, SimQueueDefinition, SimSqsEvent, SimSqsOptions } from './contract.ts';
import type { Env } from './machine.ts';
import type { SentAttribute, SentEntry } from './sqs-entries.ts';

const FIVE_MINUTES_MS = 300_000;
const FOURTEEN_DAYS = 14 * 86_400;

/** A message in a queue. What is not readonly is the queue's to change. */
export class StoredMessage implements SimMessage {
  readonly messageId: string;
  readonly queue: string;
  readonly body: string;
  readonly group: string | undefined;
  readonly dedupId: string | undefined;
  readonly sequence: string | undefined;
  readonly traceHeader: string | undefined;
  readonly attributes: Readonly<Record<string, SentAttribute>>;
  readonly sentAtMs: number;
  /** Of a dead-letter queue's. */
  readonly sourceArn: string | undefined;
  place: 'here' | 'deleted' | 'moved' | 'expired' = 'here';
  /** The last one that was given out. */
  receipt: string | undefined;
  receivedAtMs = 0;
  firstReceivedAtMs = 0;
  receiveCount: number;
  visibleAtMs: number;
  /** Whether it is to be delivered once more, while somebody has it or after it was deleted. */
  again: 'no' | 'overlapping' | 'afterwards';
  ghost: boolean;
  readonly #now: () => number;

  constructor(now: () => number, given: Arriving) {
    this.#now = now;
    this.messageId = given.messageId;
    this.queue = given.queue;
    this.body = given.body;
    this.group = given.group;
    this.dedupId = given.dedupId;
    this.sequence = given.sequence;
    this.traceHeader = given.traceHeader;
    this.attributes = given.attributes;
    this.sentAtMs = given.sentAtMs;
    this.sourceArn = given.sourceArn;
    this.receiveCount = given.receiveCount;
    this.visibleAtMs = given.visibleAtMs;
    this.again = given.again;
    this.ghost = given.ghost;
  }

  get state(): SimMessageState {
    if (this.place !== 'here') return this.place;
    if (this.visibleAtMs <= this.#now()) return 'ready';
    return this.receipt === undefined ? 'delayed' : 'inFlight';
  }
}

type Arriving = Pick<
  StoredMessage,
  | 'messageId'
  | 'queue'
  | 'body'
  | 'group'
  | 'dedupId'
  | 'sequence'
  | 'traceHeader'
  | 'attributes'
  | 'sentAtMs'
  | 'sourceArn'
  | 'receiveCount'
  | 'visibleAtMs'
  | 'again'
  | 'ghost'
>;

/** What the queues of one SQS have in common. */
export interface Surroundings {
  readonly env: Env;
  readonly options: SimSqsOptions;
  newId(): string;
  /** Where this queue's dead letters go. */
  deadLetters(queue: Queue): Queue | undefined;
  arn(queue: string): string;
}

export interface Queue {
  readonly definition: SimQueueDefinition;
  readonly fifo: boolean;
  /** All there ever were. */
  readonly all: readonly StoredMessage[];
  /** Those that are here, in the order sent. */
  readonly live: ReadonlyMap<string, StoredMessage>;
  /** What is fit to send; an id that was sent within five minutes is answered as it was then. */
  send(entry: SentEntry): Sent;
  receive(max: number): readonly StoredMessage[];
  /** False when it was gone. */
  remove(message: StoredMessage): boolean;
  hide(message: StoredMessage, seconds: number): void;
  /** A message out of another queue. */
  bury(message: StoredMessage): void;
  visible(): number;
  nextEventMs(): number | undefined;
}

export interface Sent {
  readonly messageId: string;
  readonly sequence: string | undefined;
}

export function createQueue(definition: SimQueueDefinition, around: Surroundings): Queue {
  const { env, options } = around;
  const { name, visibilitySeconds, maxReceiveCount = Number.POSITIVE_INFINITY, delaySeconds = 0 } = definition;
  const fifo = definition.fifo ?? name.endsWith('.fifo');
  const retentionMs = (definition.retentionSeconds ?? FOURTEEN_DAYS) * 1000;
  const all: StoredMessage[] = [];
  const live = new Map<string, StoredMessage>();
  const deduplicated = new Map<string, Sent & { readonly untilMs: number }>();
  let sequences = 0;

  const tell = (kind: SimSqsEvent['kind'], message: StoredMessage): void => options.observe?.({ kind, message });
  const isBusy = (message: StoredMessage, now: number): boolean => message.receipt !== undefined && message.visibleAtMs > now;

  const add = (arriving: Arriving): StoredMessage => {
    const message = new StoredMessage(env.now, arriving);
    all.push(message);
    live.set(message.messageId, message);
    tell('sent', message);
    return message;
  };
  const leave = (message: StoredMessage, place: 'deleted' | 'moved' | 'expired'): void => {
    message.place = place;
    live.delete(message.messageId);
    tell(place, message);
  };
  const chance = (): StoredMessage['again'] => {
    const { duplicates = 0 } = options;
    if (fifo || duplicates === 0 || env.random() >= duplicates) return 'no';
    return env.random() < 0.5 ? 'overlapping' : 'afterwards';
  };
  const expire = (now: number): void => {
    for (const message of live.values()) if (message.sentAtMs + retentionMs <= now) leave(message, 'expired');
  };

  /** Groups none of whose messages may be given out. */
  const blocked = (now: number): Set<string | undefined> => {
    const groups = new Set<string | undefined>();
    if (fifo) for (const message of live.values()) if (isBusy(message, now)) groups.add(message.group);
    return groups;
  };
  const ready = (now: number): StoredMessage[] => {
    const groups = blocked(now);
    const found: StoredMessage[] = [];
    for (const message of live.values()) {
      if (groups.has(message.group) && fifo) continue;
      if (message.visibleAtMs <= now) found.push(message);
      else if (fifo) groups.add(message.group);
    }
    return found;
  };
  const shuffle = (messages: StoredMessage[]): StoredMessage[] => {
    for (let last = messages.length - 1; last > 0; last -= 1) {
      const at = Math.floor(env.random() * (last + 1));
      [messages[last], messages[at]] = [messages[at]!, messages[last]!];
    }
    return messages;
  };

  const give = (message: StoredMessage, now: number): void => {
    message.receiveCount += 1;
    message.receipt = `${message.messageId}/${name}/${message.receiveCount}`;
    message.receivedAtMs = now;
    if (message.firstReceivedAtMs === 0) message.firstReceivedAtMs = now;
    message.visibleAtMs = now + visibilitySeconds * 1000 * hiddenShare(message);
    tell('received', message);
  };
  const hiddenShare = (message: StoredMessage): number => {
    if (message.again !== 'overlapping') return 1;
    message.again = 'no';
    return env.random();
  };

  return {
    definition,
    fifo,
    all,
    live,
    send(entry) {
      const now = env.now();
      const body = entry.MessageBody ?? '';
      const dedupId = fifo ? (entry.MessageDeduplicationId ?? createHash('sha256').update(body).digest('hex')) : undefined;
      const before = dedupId === undefined ? undefined : deduplicated.get(dedupId);
      if (before !== undefined && now < before.untilMs) return before;
      sequences += 1;
      const sequence = fifo ? `1885${String(sequences).padStart(16, '0')}` : undefined;
      const { messageId } = add({
        messageId: around.newId(),
        queue: name,
        body,
        group: entry.MessageGroupId,
        dedupId,
        sequence,
        traceHeader: entry.MessageSystemAttributes?.['AWSTraceHeader']?.StringValue,
        attributes: entry.MessageAttributes ?? {},
        sentAtMs: now,
        sourceArn: undefined,
        receiveCount: 0,
        visibleAtMs: now + (fifo ? delaySeconds : (entry.DelaySeconds ?? delaySeconds)) * 1000,
        again: chance(),
        ghost: false,
      });
      if (dedupId !== undefined) deduplicated.set(dedupId, { messageId, sequence, untilMs: now + FIVE_MINUTES_MS });
      return { messageId, sequence };
    },
    receive(max) {
      const now = env.now();
      expire(now);
      const found = ready(now);
      if (options.reorder === true && !fifo) shuffle(found);
      const given: StoredMessage[] = [];
      for (const message of found) {
        if (given.length === max) break;
        const grave = message.receiveCount >= maxReceiveCount ? around.deadLetters(this) : undefined;
        if (grave === undefined) {
          give(message, now);
          given.push(message);
        } else {
          leave(message, 'moved');
          grave.bury(message);
        }
      }
      return given;
    },
    remove(message) {
      if (message.place !== 'here') return false;
      if (message.again !== 'afterwards') {
        leave(message, 'deleted');
        return true;
      }
      message.again = 'no';
      message.ghost = true;
      message.receipt = undefined;
      message.visibleAtMs = env.now() + env.random() * visibilitySeconds * 1000;
      tell('deleted', message);
      return true;
    },
    hide(message, seconds) {
      message.visibleAtMs = env.now() + seconds * 1000;
      if (seconds === 0) tell('returned', message);
    },
    bury(message) {
      const { messageId, body, group, dedupId, sequence, traceHeader, attributes, receiveCount, ghost } = message;
      const now = env.now();
      const sentAtMs = fifo ? now : message.sentAtMs;
      const sourceArn = around.arn(message.queue);
      const arriving = { messageId, body, group, dedupId, sequence, traceHeader, attributes, receiveCount, ghost, sentAtMs, sourceArn };
      add({ ...arriving, queue: name, visibleAtMs: now, again: 'no' });
    },
    visible() {
      expire(env.now());
      return ready(env.now()).length;
    },
    nextEventMs() {
      const now = env.now();
      let next: number | undefined;
      for (const { visibleAtMs } of live.values()) {
        if (visibleAtMs > now && (next === undefined || visibleAtMs < next)) next = visibleAtMs;
      }
      return next;
    },
  };
}
