/** What a case is, how cases are run and told of, and how one waits: by looking again until it holds or the time is over. */

import { setTimeout as pause } from 'node:timers/promises';

/** One thing that must hold. Fails by throwing; what it throws says what was found and what was expected. */
export interface Case {
  readonly name: string;
  run(): Promise<void>;
}

export interface Tally {
  passed: number;
  failed: number;
}

/** Runs the cases of a section, so many at the same time, and prints a line for each as it ends. */
export async function runCases(section: string, cases: readonly Case[], tally: Tally, atOnce = cases.length): Promise<void> {
  const runOne = async (tested: Case): Promise<void> => {
    const failure = await failureOf(tested);
    tally[failure === undefined ? 'passed' : 'failed'] += 1;
    if (failure === undefined) console.log(`ok      ${section}: ${tested.name}`);
    else console.log(`FAILED  ${section}: ${tested.name}\n${indent(failure)}`);
  };
  const waiting = cases.values();
  const runNext = async (): Promise<void> => {
    for (const tested of waiting) await runOne(tested);
  };
  await Promise.all(Array.from({ length: atOnce }, runNext));
}

/** What a case throws, as text; undefined when it holds. */
async function failureOf({ run }: Case): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const DEADLINE_MS = 20_000;
const LOOK_EVERY_MS = 25;

/** The first defined answer of `look`. @throws Error naming `what` when there is none in time */
export async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const giveUpAt = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAt) throw new Error(`expected ${what} within ${DEADLINE_MS / 1000} s; found nothing`);
    await pause(LOOK_EVERY_MS);
  }
}

const indent = (text: string): string => text.replace(/^/gm, '        ');
