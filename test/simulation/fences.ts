/** Who may write what, as it is written: a claim is its holder's, who was overtaken stores nothing, and a chord that ended is over. */

import type { SimItem } from './aws/index.ts';
import type { TaskRecord } from './book.ts';
import type { Applying, Process } from './process.ts';

type Changed = (key: string, before: SimItem | undefined, after: SimItem | undefined, by: Applying | undefined) => void;

export class Fences {
  /** By key, who has a claim, or had it last. */
  readonly #holders = new Map<string, { readonly process: Process; readonly sinceMs: number }>();
  readonly #nowMs: () => number;
  readonly #miss: (rule: string, what: string) => void;

  constructor(nowMs: () => number, miss: (rule: string, what: string) => void) {
    this.#nowMs = nowMs;
    this.#miss = miss;
  }

  /** Settled and let go of by the one who has it, and settled for good. */
  readonly onClaim: Changed = (key, before, after, applying) => {
    const by = applying?.process;
    const [token, next] = [before?.['attempt_token']?.S, after?.['attempt_token']?.S];
    const wasSettled = isSettled(before);
    if (wasSettled && after !== undefined && next !== token) {
      this.#miss('a result stays', `the settled claim ${key} was ${token}'s and became ${next}'s`);
    }
    const holder = this.#holders.get(key)?.process;
    if (
      wasSettled &&
      holder !== by &&
      applying?.invocation?.called.has(key) &&
      before?.['outcome_text']?.S !== after?.['outcome_text']?.S
    ) {
      this.#miss("a claim is its holder's", `${by?.name} settles the claim ${key}, which ${holder?.name} has settled`);
    }
    if (next !== undefined && next !== token) {
      if (by !== undefined) this.#holders.set(key, { process: by, sinceMs: this.#nowMs() });
      return;
    }
    const isNew = isSettled(after) && !wasSettled;
    const isLetGo = token !== undefined && next === undefined && after !== undefined;
    if ((!isNew && !isLetGo) || holder === by) return;
    this.#miss("a claim is its holder's", `${by?.name} ${isNew ? 'settles' : 'lets go of'} the claim ${key}, which ${holder?.name} has`);
  };

  /** Whoever ran a task and was overtaken stores nothing of it that it began to store after that. */
  onResult({ id, runs }: TaskRecord, { process, invocation, askedMs }: Applying): void {
    for (const run of runs) {
      const holder = this.#holders.get(run.claimKey);
      if (run.invocation !== invocation || holder === undefined || holder.process === process || holder.sinceMs >= askedMs) continue;
      const whose = `whose claim ${run.claimKey} is ${holder.process.name}'s`;
      this.#miss('who is overtaken stores nothing', `${process.name} stores ${id}, ${whose}`);
    }
  }

  /** What is counted once its body was sent would send it again. */
  readonly onChord: Changed = (group, before, after, by) => {
    if (before?.['chord_ended'] === undefined || after === undefined || after['chord_count']?.N === before['chord_count']?.N) return;
    this.#miss('a chord that ended is over', `a part of ${group} is counted by ${by?.process.name}, and it has ended`);
  };
}

export const isSettled = (claim: SimItem | undefined): boolean => claim?.['settled']?.BOOL === true;
