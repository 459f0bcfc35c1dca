/**
 * Keeps account of every task sent: what was seen of its messages, and from that its way and its end. Pure, and it does not
 * matter in which order happenings come in: a log line and the mapping's event travel by different roads.
 */

import { type Account, type Burial, type DeadLetter, isLetterOf, isOf, type MessageFacts, type TaskFacts, toAccount } from './account.ts';
import type { End, Planned } from './plan.ts';

/** Something seen, at so many milliseconds since the start. */
export type Happening =
  /** Message and body are the worker's to know where it is the one who sends. */
  | { readonly kind: 'sent'; readonly planned: Planned; readonly id: string; readonly messageId?: string; readonly body?: string }
  /** Read back by the sender. */
  | { readonly kind: 'result'; readonly planned: Planned; readonly value: unknown }
  | { readonly kind: 'logged'; readonly line: WorkerLine }
  | { readonly kind: 'deadLetter'; readonly letter: DeadLetter }
  /** From the event source mapping. */
  | { readonly kind: 'received' | 'returned' | 'deleted'; readonly messageId: string };

/** What the demo reads of a line the worker logs about a message. */
export interface WorkerLine {
  readonly messageId: string;
  readonly acknowledged: boolean;
  /** Missing where the message was quarantined, like id and retries. */
  readonly state?: string;
  readonly id?: string;
  readonly retries?: number;
  readonly errorName?: string;
}

export interface Ledger {
  record(happening: Happening, atMs: number): void;
  /** One per planned task, in the plan's order. */
  accounts(): readonly Account[];
  /** Ids of messages seen, dead letters among them, that belong to no task of the plan. */
  strays(): readonly string[];
}

/** An account of the plan's tasks with nothing in it. */
export function createLedger(plan: readonly Planned[]): Ledger {
  const tasks = new Map<Planned, TaskFacts>(plan.map((planned) => [planned, { planned }]));
  const messages = new Map<string, MessageFacts>();
  /** By body: a message that is buried twice is one dead letter. */
  const buried = new Map<string, Burial>();

  const facts = (messageId: string): MessageFacts => {
    const known = messages.get(messageId) ?? { messageId, received: 0, returned: 0, retried: false };
    messages.set(messageId, known);
    return known;
  };

  const recordSent = ({ planned, id, messageId, body }: Extract<Happening, { kind: 'sent' }>): void => {
    const task = tasks.get(planned);
    if (task === undefined) return;
    task.id = id;
    if (messageId !== undefined) task.messageId = messageId;
    if (body !== undefined) task.body = body;
  };

  const recordResult = ({ planned, value }: Extract<Happening, { kind: 'result' }>): void => {
    const task = tasks.get(planned);
    if (task !== undefined) task.result = value;
  };

  const recordLine = (line: WorkerLine, atMs: number): void => {
    const message = facts(line.messageId);
    if (line.id !== undefined) message.taskId = line.id;
    if (line.retries !== undefined) message.retries = line.retries;
    if (!line.acknowledged) return;
    if (line.state === 'RETRY') message.retried = true;
    const end = endOf(line);
    if (end === undefined) return;
    message.end = end;
    message.endedMs = atMs;
  };

  const record = (happening: Happening, atMs: number): void => {
    switch (happening.kind) {
      case 'sent':
        recordSent(happening);
        break;
      case 'result':
        recordResult(happening);
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

  const account = (task: TaskFacts): Account =>
    toAccount(
      task,
      [...messages.values()].filter((message) => isOf(task, message)),
      [...buried.values()].find(({ letter }) => isLetterOf(task, letter)),
    );

  return {
    record,
    accounts: () => [...tasks.values()].map(account),
    strays: () => {
      const known = [...tasks.values()];
      const letters = [...buried.values()].map(({ letter }) => letter).filter((letter) => !known.some((task) => isLetterOf(task, letter)));
      const others = [...messages.values()].filter((message) => !known.some((task) => isOf(task, message)));
      return [...new Set([...others, ...letters].map(({ messageId }) => messageId))];
    },
  };
}

/** The end a state means; undefined for one that goes on, like waiting for its time or for the next attempt. */
function endOf({ state, errorName }: WorkerLine): End | undefined {
  if (state === 'SUCCESS') return { kind: 'succeeded' };
  if (state === 'FAILURE') return { kind: 'failed', why: errorName ?? 'unknown' };
  if (state === 'REVOKED') return { kind: 'expired' };
  return undefined;
}
