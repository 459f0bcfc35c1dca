/** Things asked for one by one and done together: what is asked for in one turn of the event loop goes in one call. */

import { atEndOfTurn } from './turns.ts';

/** Does all items at once; answers in the order given. */
export type Together<Item, Answer> = (items: readonly Item[]) => Promise<readonly Answer[]>;

export interface CoalesceOptions {
  /** Calls under way at a time; what comes while all are goes with the next one. Default 4. */
  readonly atOnce?: number;
}

interface Asked<Item, Answer> {
  readonly items: readonly Item[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The same as `together`, but asked for by many: who comes alone waits for the end of the turn and no longer. Items keep the order
 * they came in. A call that rejects does so for all who were in it.
 */
export function coalesce<Item, Answer>(together: Together<Item, Answer>, { atOnce = 4 }: CoalesceOptions = {}): Together<Item, Answer> {
  let waiting: Asked<Item, Answer>[] = [];
  let underWay = 0;
  let isPlanned = false;

  const plan = (): void => {
    if (isPlanned || waiting.length === 0 || underWay >= atOnce) return;
    isPlanned = true;
    atEndOfTurn(() => {
      isPlanned = false;
      void go();
    });
  };
  const go = async (): Promise<void> => {
    const asked = waiting;
    waiting = [];
    underWay += 1;
    try {
      const answers = await together(asked.length === 1 ? asked[0]!.items : asked.flatMap(({ items }) => items));
      let next = 0;
      for (const { items, resolve } of asked) {
        resolve(answers.slice(next, next + items.length));
        next += items.length;
      }
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      underWay -= 1;
      plan();
    }
  };
  return (items) =>
    new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      plan();
    });
}
