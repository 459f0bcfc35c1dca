/** What became of every task, by number: a byte each, so that the account takes no more memory the longer it is kept. */

import { type Kind, kindOf, type Plan } from './plan.ts';

/** What was seen of a task. */
const SENT = 1;
const DELETED = 2;
const DEAD = 4;
const ENDED = 8;

/** Deleted messages that are known for a while longer. */
const MOST_LATE = 5000;

export interface Account {
  /** Task `n` was accepted by SQS under this id. */
  sent(n: number, messageId: string): void;
  /** The event source mapping deleted this message. */
  deleted(messageId: string): void;
  /** Task `n` lies in the dead-letter queue, for this reason. */
  dead(n: number, code: string): void;
  /** Tasks sent that have not ended. */
  open(): number;
  /** Milliseconds from the first to the moment when 99 of 100 good tasks had ended. */
  readonly goodMs: number | undefined;
  sums(): Sums;
}

export interface Sums {
  readonly kinds: Readonly<Record<Kind, number>>;
  /** Sent, and neither done nor dead. */
  readonly lost: readonly number[];
  /** Good tasks that were dead-lettered, and why. */
  readonly buriedGood: readonly string[];
  /** Failing or poison, and not dead-lettered. */
  readonly unburied: readonly number[];
  /** Seen and never sent. */
  readonly strays: number;
}

export function createAccount(plan: Plan, now: () => number): Account {
  const seen = new Uint8Array(plan.tasks);
  const numbers = new Map<string, number>();
  const good = Array.from({ length: plan.tasks }, (_, n) => n).filter((n) => kindOf(n, plan) === 'good').length;
  const goodCodes: string[] = [];
  let ended = 0;
  let sent = 0;
  let goodEnded = 0;
  let strays = 0;
  let firstMs: number | undefined;
  let goodMs: number | undefined;

  const note = (n: number, what: number): void => {
    if (!((seen[n] ?? 0) & SENT)) {
      strays += 1;
      return;
    }
    seen[n]! |= what;
    if (seen[n]! & ENDED || !hasEnded(seen[n]!, kindOf(n, plan))) return;
    seen[n]! |= ENDED;
    ended += 1;
    if (kindOf(n, plan) === 'good' && ++goodEnded >= good * 0.99) goodMs ??= now() - (firstMs ?? 0);
  };

  /** A message whose worker was slow is received twice and deleted twice; which may be soon after, and not ever after. */
  const late = new Map<string, number>();
  const remember = (messageId: string, n: number): void => {
    late.set(messageId, n);
    if (late.size > MOST_LATE) late.delete(late.keys().next().value!);
  };

  return {
    sent(n, messageId) {
      firstMs ??= now();
      sent += 1;
      seen[n]! |= SENT;
      numbers.set(messageId, n);
    },
    deleted(messageId) {
      const n = numbers.get(messageId) ?? late.get(messageId);
      numbers.delete(messageId);
      note(n ?? -1, DELETED);
      if (n !== undefined) remember(messageId, n);
    },
    dead(n, code) {
      note(n, DEAD);
      if (kindOf(n, plan) === 'good') goodCodes.push(`${n}: ${code}`);
    },
    open: () => sent - ended,
    get goodMs() {
      return goodMs;
    },
    sums: () => ({ ...sumsOf(seen, plan), buriedGood: goodCodes, strays }),
  };
}

/** A good task is done when its message is deleted; of the others a copy has to lie in the dead-letter queue. */
const hasEnded = (seen: number, kind: Kind): boolean => (kind === 'good' ? (seen & (DELETED | DEAD)) !== 0 : (seen & DEAD) !== 0);

function sumsOf(seen: Uint8Array, plan: Plan): Omit<Sums, 'strays' | 'buriedGood'> {
  const kinds = { good: 0, failing: 0, undecodable: 0, unknown: 0, killer: 0 };
  const sums = { kinds, lost: [] as number[], unburied: [] as number[] };
  for (const [n, what] of seen.entries()) {
    const kind = kindOf(n, plan);
    kinds[kind] += 1;
    if (!(what & (DELETED | DEAD))) sums.lost.push(n);
    else if (kind !== 'good' && !(what & DEAD)) sums.unburied.push(n);
  }
  return sums;
}
