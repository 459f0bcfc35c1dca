/** One task's account: what the facts seen of its messages come to. Pure; gathering the facts is ledger.ts. */

import type { End, Planned } from './plan.ts';

/** What was seen of one message. */
export interface MessageFacts {
  readonly messageId: string;
  /** As the worker read it. */
  taskId?: string;
  /** Attempts made before this one, as the worker read it. */
  retries?: number;
  received: number;
  returned: number;
  /** Whether the next attempt was sent. */
  retried: boolean;
  deletedMs?: number;
  end?: End;
  endedMs?: number;
}

/** What was seen of a task's sending. */
export interface TaskFacts {
  readonly planned: Planned;
  id?: string;
  /** Not known where the worker sent it. */
  messageId?: string;
  body?: string;
  /** What was read back of it. */
  result?: unknown;
}

/** A message found in the dead-letter queue; SQS's own redrive gives it neither code, reason nor id. */
export interface DeadLetter {
  readonly messageId: string;
  readonly body: string;
  readonly code?: string;
  readonly reason?: string;
  /** The task's. */
  readonly id?: string;
}

/** A dead letter, and when it was found. */
export interface Burial {
  readonly letter: DeadLetter;
  readonly atMs: number;
}

/** A task's account so far. */
export interface Account {
  readonly planned: Planned;
  /** Undefined until SQS has accepted it. */
  readonly id: string | undefined;
  /** The first, and one for each retry that was received. */
  readonly attempts: readonly Attempt[];
  readonly end: End | undefined;
  /** Milliseconds since the start. */
  readonly endedMs: number | undefined;
  /** Why there is a dead letter of it, in the worker's words. */
  readonly reason: string | undefined;
}

/** One run of a task, or several where its message was given back. */
export interface Attempt {
  readonly received: number;
  readonly returned: number;
  readonly retried: boolean;
}

/** The code of a dead letter that is a copy: its task failed, which is its end, and its message was acknowledged. */
const COPY_CODE = 'failed';

/** What a task's facts come to. */
export function toAccount(task: TaskFacts, own: readonly MessageFacts[], burial: Burial | undefined): Account {
  const done = own.find((message) => message.end !== undefined && message.deletedMs !== undefined);
  const receives = own.reduce((sum, { received }) => sum + received, 0);
  const end = toEnd(withResult(done?.end, task.result), burial?.letter, receives);
  return {
    planned: task.planned,
    // What the worker sends has its id before it is sent.
    id: task.messageId === undefined && own.length === 0 ? undefined : task.id,
    attempts: toAttempts(own),
    end,
    endedMs: end && latest(burial?.atMs, ...(end.kind === 'dead' ? [] : [done?.endedMs, done?.deletedMs])),
    reason: burial?.letter.reason,
  };
}

/** A message that waits for its time is sent on as another, which only the task's id connects with the first; so is a retry. */
export function isOf({ id, messageId }: TaskFacts, message: MessageFacts): boolean {
  return message.messageId === messageId || (message.taskId !== undefined && message.taskId === id);
}

/** A dead letter has the body of the message that died, which is not the first where the task was retried. */
export function isLetterOf({ id, body }: TaskFacts, letter: DeadLetter): boolean {
  return letter.body === body || (letter.id !== undefined && letter.id === id);
}

/** Whether the task has ended. A planned dead letter or result is waited for: it is found later than its task's end is logged. */
export function hasEnded({ planned: { expected }, end }: Account): boolean {
  if (end?.kind !== expected.kind) return end !== undefined;
  const isThere = (of: (end: End) => unknown): boolean => of(expected) === undefined || of(end) !== undefined;
  return isThere(deadLetterOf) && isThere(resultOf);
}

/** Whether the task ended, and as it should. */
export function isAsPlanned({ planned: { expected }, end }: Account): boolean {
  if (end?.kind !== expected.kind || deadLetterOf(end) !== deadLetterOf(expected) || resultOf(end) !== resultOf(expected)) return false;
  return !('why' in end && 'why' in expected) || end.why === expected.why;
}

/** The code of the dead letter that a task left beside its end. */
export function deadLetterOf(end: End): string | undefined {
  return end.kind === 'failed' ? end.deadLetter : undefined;
}

/** What was read back of a task that succeeded; undefined also where nothing was. */
export function resultOf(end: End): unknown {
  return end.kind === 'succeeded' ? end.result : undefined;
}

function withResult(end: End | undefined, result: unknown): End | undefined {
  return end?.kind === 'succeeded' && result !== undefined ? { ...end, result } : end;
}

function toEnd(logged: End | undefined, letter: DeadLetter | undefined, receives: number): End | undefined {
  if (letter === undefined) return logged;
  if (letter.code !== COPY_CODE) return { kind: 'dead', why: letter.code ?? `after ${receives} receives` };
  if (logged === undefined) return undefined;
  return logged.kind === 'failed' ? { ...logged, deadLetter: COPY_CODE } : { kind: 'dead', why: COPY_CODE };
}

function toAttempts(own: readonly MessageFacts[]): readonly Attempt[] {
  const attempts = new Map<number, Attempt>();
  for (const { retries = 0, received, returned, retried } of own) {
    const so = attempts.get(retries) ?? { received: 0, returned: 0, retried: false };
    attempts.set(retries, { received: so.received + received, returned: so.returned + returned, retried: so.retried || retried });
  }
  return [...attempts].sort(([a], [b]) => a - b).map(([, attempt]) => attempt);
}

const latest = (...times: readonly (number | undefined)[]): number => Math.max(...times.map((time) => time ?? 0));
