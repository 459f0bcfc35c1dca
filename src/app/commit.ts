/** How a task commits its result together with a write of its own: what a ledger's helper is handed, by the context of the running task. */

import { ImproperlyConfigured } from '../errors.ts';
import type { Attempt, Ledger } from '../ledgers/ledger.ts';
import type { TaskContext } from './context.ts';

/** What the ledger is to note, and with it the task is done. */
export interface Settlement extends Attempt {
  readonly expiresMs: number;
  readonly outcome: string;
}

export interface Committing {
  readonly ledger: Ledger;
  /**
   * The task has come to this result, if `settle` says that it was noted. Rejects with Overtaken where it was not, for another attempt has
   * taken over; and with whatever `settle` rejects with.
   */
  commit(result: unknown, settle: (settlement: Settlement) => Promise<boolean>): Promise<void>;
}

const committing = new WeakMap<TaskContext, Committing>();

export function offerCommit(self: TaskContext, offered: Committing): void {
  committing.set(self, offered);
}

/** @throws ImproperlyConfigured outside of a worker, and in a task that is not idempotent */
export function committingOf(self: TaskContext): Committing {
  const offered = committing.get(self);
  if (offered !== undefined) return offered;
  throw new ImproperlyConfigured(
    `'${self.name}' cannot commit: that takes a task with idempotent: true, a worker with a ledger, and the self it was called with.`,
  );
}
