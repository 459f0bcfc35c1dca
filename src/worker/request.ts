/** One message as its task sees it. The only place where wire names become camelCase; fields are read when asked for. */

import type { TaskRequest } from '../app/task-request.ts';
import type { Delivery } from '../transports/transport.ts';
import type { TaskMessage } from '../wire/message.ts';

const NO_LIMIT: readonly [null, null] = [null, null];
const NO_STAMPS: readonly string[] = [];

export class Request implements TaskRequest {
  readonly message: TaskMessage;
  readonly delivery: Delivery;
  readonly hostname: string;
  readonly holdsRetries: boolean;

  constructor(message: TaskMessage, delivery: Delivery, hostname: string, holdsRetries = false) {
    this.message = message;
    this.delivery = delivery;
    this.hostname = hostname;
    this.holdsRetries = holdsRetries;
  }

  get id(): string {
    return this.message.headers.id;
  }
  get task(): string {
    return this.message.headers.task;
  }
  get args(): readonly unknown[] {
    return this.message.args;
  }
  get kwargs(): Readonly<Record<string, unknown>> {
    return this.message.kwargs;
  }
  /** Attempts already made; those held back on a FIFO queue are counted by its receives. */
  get retries(): number {
    return (this.message.headers.retries ?? 0) + (this.holdsRetries ? this.delivery.receiveCount - 1 : 0);
  }
  get name(): string {
    return this.message.headers.task;
  }
  get argsrepr(): string {
    return this.message.headers.argsrepr ?? '';
  }
  get kwargsrepr(): string {
    return this.message.headers.kwargsrepr ?? '';
  }
  get eta(): string | null {
    return this.message.headers.eta ?? null;
  }
  get expires(): string | null {
    return this.message.headers.expires ?? null;
  }
  get rootId(): string {
    return this.message.headers.root_id ?? this.id;
  }
  get parentId(): string | null {
    return this.message.headers.parent_id ?? null;
  }
  get group(): string | null {
    return this.message.headers.group ?? null;
  }
  get groupIndex(): number | null {
    return this.message.headers.group_index ?? null;
  }
  get correlationId(): string {
    return this.message.properties.correlation_id ?? this.id;
  }
  get replyTo(): string | null {
    return this.message.properties.reply_to ?? null;
  }
  get origin(): string | null {
    return this.message.headers.origin ?? null;
  }
  get shadow(): string | null {
    return this.message.headers.shadow ?? null;
  }
  get timeLimit(): readonly [hard: number | null, soft: number | null] {
    return this.message.headers.timelimit ?? NO_LIMIT;
  }
  get ignoreResult(): boolean {
    return this.message.headers.ignore_result ?? false;
  }
  get deliveryInfo() {
    const { delivery_info: info, priority = 0 } = this.message.properties;
    return {
      exchange: info?.exchange ?? '',
      routingKey: info?.routing_key ?? '',
      priority,
      redelivered: this.delivery.receiveCount > 1,
    };
  }
  get stamps(): Readonly<Record<string, unknown>> {
    return this.message.headers.stamps ?? {};
  }
  get stampedHeaders(): readonly string[] {
    return this.message.headers.stamped_headers ?? NO_STAMPS;
  }
  get headers(): Readonly<Record<string, unknown>> {
    return this.message.headers;
  }
  get properties(): Readonly<Record<string, unknown>> {
    return this.message.properties;
  }
  get queue(): string {
    return this.delivery.queue;
  }
  /** A replaced task has the id of what took its place, and is another call. */
  get idempotencyKey(): string {
    const { replaced_task_nesting: nesting = 0 } = this.message.headers;
    return nesting === 0 ? this.id : `${this.id}-${nesting}`;
  }
  get receiveCount(): number {
    return this.delivery.receiveCount;
  }
  get messageId(): string {
    return this.delivery.messageId;
  }
  get calledDirectly(): boolean {
    return false;
  }
}

/** What a dead message says of itself, where it could be read. */
export function factsOf({ task, id, retries }: Request): { task: string; id: string; retries: number } {
  return { task, id, retries };
}
