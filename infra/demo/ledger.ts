/**
 * Keeps account of every task sent: what was seen of its messages, and from that its way and its end. Pure, and it does not
 * matter in which order happenings come in: a log line and the mapping's event travel by different roads.
 */

import type { End, Planned } from './plan.ts';

/** Something seen, at so many milliseconds since the start. */
export type Happening =
  | { readonly kind: 'sent'; readonly planned: Planned; readonly id: string; readonly messageId: string; readonly body: string }
  | { readonly kind: 'logged'; readonly line: WorkerLine }
  | { readonly kind: 'deadLetter'; readonly letter: DeadLetter }
  /** From the event source mapping. */
  | { readonly kind: 'received' | 'returned' | 'deleted'; readonly messageId: string };

/** What the demo reads of a line the worker logs about a message. */
export interface WorkerLine {
  readonly messageId: string;
  readonly acknowledged: boolean;
  /** Missing where the message was quarantined. */
  readonly state?: string;
  readonly id?: string;
  readonly errorName?: string;
}

/** A message found in the dead-letter queue; SQS's own redrive gives it neither code nor reason. */
export interface DeadLetter {
  readonly messageId: string;
  readonly body: string;
  readonly code?: string;
  readonly reason?: string;
}

/** A task's account so far. */
export interface Account {
  readonly planned: Planned;
  /** Undefined until SQS has accepted it. */
  readonly id: string | undefined;
  readonly received: number;
  readonly returned: number;
  readonly end: End | undefined;
  /** Milliseconds since the start. */
  readonly endedMs: number | undefined;
  /** Why it is a dead letter, in the worker's words. */
  readonly reason: string | undefined;
}

export interface Ledger {
  record(happening: Happening, atMs: number): void;
  /** One per planned task, in the plan's order. */
  accounts(): readonly Account[];
  /** Ids of messages seen that belong to no task of the plan. */
  strays(): readonly string[];
}

interface MessageFacts {
  readonly messageId: string;
  /** As the worker read it. */
  taskId?: string;
  received: number;
  returned: number;
  deletedMs?: number;
  end?: End;
  endedMs?: number;
}

interface TaskFacts {
  readonly planned: Planned;
  id?: string;
  messageId?: string;
  body?: string;
}

/** An account of the plan's tasks with nothing in it. */
export function createLedger(plan: readonly Planned[]): Ledger {
  const tasks = new Map<Planned, TaskFacts>(plan.map((planned) => [planned, { planned }]));
  const messages = new Map<string, MessageFacts>();
  const buried = new Map<string, { readonly letter: DeadLetter; readonly atMs: number }>();

  const facts = (messageId: string): MessageFacts => {
    const known = messages.get(messageId) ?? { messageId, received: 0, returned: 0 };
    messages.set(messageId, known);
    return known;
  };

  const recordSent = ({ planned, id, messageId, body }: Extract<Happening, { kind: 'sent' }>): void => {
    const task = tasks.get(planned);
    if (task === undefined) return;
    task.id = id;
    task.messageId = messageId;
    task.body = body;
  };

  const recordLine = (line: WorkerLine, atMs: number): void => {
    const message = facts(line.messageId);
    if (line.id !== undefined) message.taskId = line.id;
    const end = line.acknowledged ? toEnd(line) : undefined;
    if (end === undefined) return;
    message.end = end;
    message.endedMs = atMs;
  };

  const record = (happening: Happening, atMs: number): void => {
    switch (happening.kind) {
      case 'sent':
        recordSent(happening);
        break;
      case 'logged':
        recordLine(happening.line, atMs);
        break;
      case 'deadLetter':
        if (!buried.has(happening.letter.body)) buried.set(happening.letter.body, { letter: happening.letter, atMs });
        break;
      case 'received':
        facts(happening.messageId).received += 1;
        break;
      case 'returned':
        facts(happening.messageId).returned += 1;
        break;
      case 'deleted':
        facts(happening.messageId).deletedMs = atMs;
        break;
    }
  };

  /** A task that waits for its time is sent on as another message, which only its id connects with the first. */
  const isOf = (task: TaskFacts, { messageId, taskId }: MessageFacts): boolean =>
    messageId === task.messageId || (taskId !== undefined && taskId === task.id);

  const account = (task: TaskFacts): Account => {
    const { planned, id, body } = task;
    const own = [...messages.values()].filter((message) => isOf(task, message));
    const received = own.reduce((sum, message) => sum + message.received, 0);
    const returned = own.reduce((sum, message) => sum + message.returned, 0);
    const dead = body === undefined ? undefined : buried.get(body);
    const done = own.find((message) => message.end !== undefined && message.deletedMs !== undefined);
    const deadEnd: End | undefined = dead && { kind: 'dead', why: dead.letter.code ?? `after ${received} receives` };
    const endedMs = dead?.atMs ?? (done && Math.max(done.endedMs ?? 0, done.deletedMs ?? 0));
    return { planned, id, received, returned, end: deadEnd ?? done?.end, endedMs, reason: dead?.letter.reason };
  };

  return {
    record,
    accounts: () => [...tasks.values()].map(account),
    strays: () => {
      const known = [...tasks.values()];
      return [...messages.values()].filter((message) => !known.some((task) => isOf(task, message))).map(({ messageId }) => messageId);
    },
  };
}

/** Whether the task ended, and as it should. */
export function isAsPlanned({ planned: { expected }, end }: Account): boolean {
  if (end?.kind !== expected.kind) return false;
  return !('why' in end && 'why' in expected) || end.why === expected.why;
}

/** The end a state means; undefined for one that goes on, like waiting for its time. */
function toEnd({ state, errorName }: WorkerLine): End | undefined {
  if (state === 'SUCCESS') return { kind: 'succeeded' };
  if (state === 'FAILURE') return { kind: 'failed', why: errorName ?? 'unknown' };
  if (state === 'REVOKED') return { kind: 'expired' };
  return undefined;
}
