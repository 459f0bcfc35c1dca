/** A program: the ledger of all workers, in a process of its own; when asked it tells which tasks were settled by more than one attempt. */

import { createMemoryLedger } from '../../src/ledgers/memory.ts';
import { serveLedger } from '../support/http-ledger.ts';

/** What it answers to any message. */
export interface LedgerAnswer {
  /** Tasks whose end was noted. */
  readonly settled: number;
  /** Those whose end was noted by more than one attempt. */
  readonly settledAgain: readonly string[];
}

const ledger = createMemoryLedger();
/** Who settled a task: an attempt may note its end again, with more to it, and no other may. */
const settlers = new Map<string, string>();
const settledAgain = new Set<string>();
const { url } = await serveLedger({
  ...ledger,
  async settle(attempt) {
    const isNoted = await ledger.settle(attempt);
    if (!isNoted) return false;
    const first = settlers.get(attempt.taskId);
    if (first === undefined) settlers.set(attempt.taskId, attempt.token);
    else if (first !== attempt.token) settledAgain.add(attempt.taskId);
    return true;
  },
});

process.on('message', () => {
  process.send?.({ settled: settlers.size, settledAgain: [...settledAgain] } satisfies LedgerAnswer);
});
process.on('disconnect', () => process.exit());
process.send?.({ url });
