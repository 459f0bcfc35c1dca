/** Many signatures, sent as they are given: from whatever can be iterated, never more of it at a time than fits on the way. */

import { dataOf, type Step } from '../canvas/step.ts';
import { NotAllSent } from '../errors.ts';

/** A signature with nothing open, and what sending it gives. */
export type Sendable<H> = Step<[], unknown, H> & { applyAsync(): Promise<unknown> };

/** Whatever gives signatures. */
export type SendableTasks<H> = Iterable<Sendable<H>> | AsyncIterable<Sendable<H>>;

/** As many as may be on their way. */
const MOST = 1000;

/** @throws NotAllSent */
export async function sendTasks<H>(tasks: SendableTasks<H>): Promise<H[]> {
  const sent: (H | undefined)[] = [];
  const failures: unknown[] = [];
  let failed = false;
  let underWay = 0;
  let ended: (() => void) | undefined;

  const fail = (place: number, error: unknown): void => {
    failed = true;
    failures[place] = error;
  };
  const send = async (task: Sendable<H>, place: number): Promise<void> => {
    underWay += 1;
    try {
      sent[place] = undefined;
      dataOf(task, 'sendTasks');
      sent[place] = (await task.applyAsync()) as H;
    } catch (error) {
      fail(place, error);
    } finally {
      underWay -= 1;
      ended?.();
    }
  };
  const oneEnds = (): Promise<void> =>
    new Promise((resolve) => {
      ended = resolve;
    });

  try {
    for await (const task of tasks) {
      void send(task, sent.length);
      while (underWay >= MOST && !failed) await oneEnds();
      if (failed) break;
    }
  } catch (error) {
    // What gives the tasks has failed: those that it gave are on their way.
    fail(sent.length, error);
  }
  while (underWay > 0) await oneEnds();
  if (!failed) return sent as H[];
  throw new NotAllSent(sent, failures, { cause: failures.find((failure) => failure !== undefined) });
}
