/** What the simulated services are made with and what they show beside the SDK's operations: to the event source mapping, the engine and the accounting. */

import type { SqsRecord } from '../../../src/lambda/event.ts';
import type { Machine } from './machine.ts';

export interface SimQueueDefinition {
  /** SQS's own name; a FIFO queue's ends in `.fifo`. */
  readonly name: string;
  /** Default: as the name says. */
  readonly fifo?: boolean;
  readonly visibilitySeconds: number;
  /** 0 to 900, of messages that bring none. Default 0. */
  readonly delaySeconds?: number;
  /** With a deadLetterQueue: a message that was received so often is moved when it would be received again. */
  readonly maxReceiveCount?: number;
  readonly deadLetterQueue?: string;
  /** Default 14 days. */
  readonly retentionSeconds?: number;
  /** Whether a FIFO queue makes the deduplication id that a message does not bring, as those of schedules do not. Default false. */
  readonly contentBasedDeduplication?: boolean;
}

export interface SimSqsOptions {
  readonly queues: readonly SimQueueDefinition[];
  /** Share of the messages of standard queues that are delivered once more: while another has them, or after they were deleted. Default 0. */
  readonly duplicates?: number;
  /** Whether standard queues give messages in any order. Default false: oldest first. */
  readonly reorder?: boolean;
  /** Asked for every entry of a SendMessageBatch: whose fault it is that the entry fails alone; undefined lets it pass. */
  failEntry?(queue: string, body: string): 'sender' | 'server' | undefined;
  /** Told of everything that happens to messages, at once. */
  observe?(event: SimSqsEvent): void;
}

/**
 * `deleted` is gone unless it comes once more (`duplicates`); `moved` is in the dead-letter queue, under the same messageId;
 * `expired` was kept for as long as the queue keeps messages.
 */
export type SimMessageState = 'ready' | 'delayed' | 'inFlight' | 'deleted' | 'moved' | 'expired';

export interface SimMessage {
  readonly messageId: string;
  readonly queue: string;
  readonly body: string;
  readonly group: string | undefined;
  readonly sentAtMs: number;
  /** At this moment, by env.now(). */
  readonly state: SimMessageState;
  readonly receiveCount: number;
  /** When it can be received again, or first. */
  readonly visibleAtMs: number;
  /** Whether it was deleted before and came once more: whoever sent it is not owed another end. */
  readonly ghost: boolean;
}

export interface SimSqsEvent {
  readonly kind: 'sent' | 'received' | 'deleted' | 'moved' | 'expired' | 'returned';
  readonly message: SimMessage;
}

/** A message as Lambda's event has it. */
export type Received = SqsRecord;

export interface SimSqs extends Machine {
  /** At most `max` messages that are visible now (beyond 10 as several requests would get them); [] when there are none. */
  receive(queue: string, max: number): readonly Received[];
  /** False when nothing was deleted: the receipt has run out, or the message is gone. */
  delete(receiptHandle: string): boolean;
  /** Hides for so many seconds from now; 0 returns it at once. False when the message is not in flight by this receipt. */
  setVisibility(receiptHandle: string, seconds: number): boolean;
  /** As by one SendMessage; throws SDK errors. @returns the message's id */
  put(
    queue: string,
    message: { readonly body: string; readonly delaySeconds?: number; readonly group?: string; readonly dedupId?: string },
  ): string;
  /** How many could be received now. */
  visible(queue: string): number;
  /** The earliest moment after now at which something becomes visible; of one queue, or of all. */
  nextEventMs(queue?: string): number | undefined;
  /** All there ever were, in the order sent; those moved here from another queue as of then. */
  messages(queue: string): readonly SimMessage[];
  readonly queues: readonly string[];
  url(queue: string): string;
  arn(queue: string): string;
}

export interface SimTableDefinition {
  readonly name: string;
  /** The partition key, a string. Default `id`. */
  readonly hash?: string;
  readonly range?: string;
  /** The attribute of the time to live. Default `ttl`. */
  readonly ttl?: string;
}

/** As the SDK spells it: one member is there. Values are never changed in place. */
export interface SimValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: Uint8Array;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly Uint8Array[];
  readonly L?: readonly SimValue[];
  readonly M?: Readonly<Record<string, SimValue>>;
}
export type SimItem = Readonly<Record<string, SimValue>>;

export interface SimDynamoDBOptions {
  readonly tables: readonly SimTableDefinition[];
  /** Asked for every key of a BatchGetItem and every write of a BatchWriteItem: true leaves it undone. Never for all of one request. */
  leaveUndone?(table: string): boolean;
  /** Told of every item that changed; `after` is undefined when it is gone, `before` when it was not there. */
  observe?(change: {
    readonly table: string;
    readonly key: string;
    readonly before?: SimItem;
    readonly after?: SimItem;
    readonly by: 'request' | 'ttl';
  }): void;
}

export interface SimDynamoDB extends Machine {
  /** By partition key (with a range key: the two, joined by a NUL). An item is replaced, never changed. */
  items(table: string): ReadonlyMap<string, SimItem>;
  item(table: string, hash: string, range?: string): SimItem | undefined;
  /** Time to live: of the items that have expired, each is removed with this chance. Default a half. @returns how many went */
  sweep(chance?: number): number;
}

export interface SimS3Options {
  readonly buckets: readonly {
    readonly name: string /** Account id, for ExpectedBucketOwner. Default '000000000000'. */;
    readonly owner?: string;
  }[];
}

export interface SimObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface SimS3 extends Machine {
  objects(bucket: string): ReadonlyMap<string, SimObject>;
}

/** What a schedule sends, as its Target says. */
export interface SimScheduleTarget {
  readonly name: string;
  readonly group: string;
  readonly atMs: number;
  readonly queueArn: string;
  /** SQS's own name. */
  readonly queue: string;
  readonly body: string;
  readonly messageGroupId: string | undefined;
  readonly deadLetterArn: string | undefined;
}

export interface SimSchedulerOptions {
  /** Schedule groups; `default` is there always. */
  readonly groups?: readonly string[];
  /** Sends it. When it throws, the schedule is tried again as its RetryPolicy says; `sqs.put` does both. */
  onFire(target: SimScheduleTarget): void;
  /** A schedule was tried in vain to the end. Default: it is lost. */
  onDead?(target: SimScheduleTarget): void;
  /** Share that fires twice. Default 0.02. */
  readonly duplicates?: number;
  /** Fires up to so much after its time. Default 60 000. */
  readonly lateMs?: number;
}

export interface SimSchedule extends SimScheduleTarget {
  /** `again`: it has fired, and will once more. */
  readonly state: 'waiting' | 'again';
  readonly nextMs: number;
}

export interface SimScheduler extends Machine {
  /** The schedules that have not fired, and those that will once more. */
  schedules(): readonly SimSchedule[];
  /** When the next one fires; it may be now or past. */
  nextEventMs(): number | undefined;
  /** Fires all that are due by env.now(). @returns what was sent */
  fireDue(): readonly SimScheduleTarget[];
}
