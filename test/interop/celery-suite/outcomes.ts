/** How tests ended: as a run writes them down, and as Celery's own worker's are kept to compare with. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `error`: failed outside the test itself. `xpassed`: passed, where Celery's people did not count on it. */
export type Ending = 'passed' | 'failed' | 'error' | 'skipped' | 'xfailed' | 'xpassed';

export interface Outcome {
  readonly outcome: Ending;
  /** The first line of a failure; empty where there is none. */
  readonly reason: string;
  readonly seconds: number;
  /** 2 where it failed the first time. */
  readonly tries: number;
}

/** By test, like `test_canvas.py::test_chain::test_simple_chain`. */
export type Outcomes = ReadonlyMap<string, Outcome>;

/** What the plugin wrote into a run's folder; the last line about a test counts. */
export async function readOutcomes(folder: string): Promise<Outcomes> {
  const text = await readFile(join(folder, 'outcomes.jsonl'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const { test, ...outcome } = JSON.parse(line) as Outcome & { test: string };
      return [test, outcome];
    }),
  );
}

/** Of which Celery, and with which of its backends. */
export interface BaselineOf {
  readonly celery: string;
  readonly backend: string;
}

const fileOf = ({ celery, backend }: BaselineOf): string => {
  const name = backend === 'redis' ? celery : `${celery}-${backend}`;
  return join(import.meta.dirname, `baseline-${name}.json`);
};

export async function readBaseline(of: BaselineOf): Promise<Outcomes> {
  const text = await readFile(fileOf(of), 'utf8').catch(() => '{}');
  return new Map(Object.entries(JSON.parse(text) as Record<string, Outcome>));
}

export async function keepBaseline(of: BaselineOf, outcomes: Outcomes): Promise<void> {
  const sorted = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1));
  await writeFile(fileOf(of), `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
