/** What does composing cost? A chain of 10 and a chord of 100 with their results, against as many tasks sent alone. */

import { chain } from '../../src/canvas/chain.ts';
import { chord } from '../../src/canvas/chord.ts';
import { type CanvasRun, runCanvas, type Tasks } from './canvas-run.ts';
import { measure } from './measure.ts';
import type { Question } from './question.ts';
import { toRow } from './statistics.ts';
import type { Table } from './table.ts';

const LINKS = 10;
const PARTS = 100;

type Start = Parameters<typeof runCanvas>[0];

const alone =
  (tasks: number): Start =>
  async ({ add }: Tasks) => {
    const sent = await Promise.all(Array.from({ length: tasks }, () => add.delay(1, 1)));
    return { fetched: async () => (await sent.at(-1)!.get({ timeout: 1 })) as unknown };
  };

const chainOf =
  (links: number): Start =>
  async ({ add }: Tasks) => {
    const rest = Array.from({ length: links - 2 }, () => add.s(1));
    const sent = await chain(add.s(1, 1), add.s(1), ...rest).applyAsync();
    return { fetched: async () => (await sent.get({ timeout: 1 })) as unknown };
  };

const chordOf =
  (parts: number): Start =>
  async ({ add, sum }: Tasks) => {
    const sent = await chord(
      Array.from({ length: parts }, () => add.s(1, 1)),
      sum.s(),
    ).applyAsync();
    return { fetched: () => sent.get({ timeout: 1 }) };
  };

interface Scenario {
  readonly name: string;
  readonly run: () => Promise<CanvasRun>;
}

const PAIRS: readonly (readonly [key: string, alone: Scenario, composed: Scenario])[] = [
  [
    'chain-of-10',
    { name: `${LINKS} tasks alone`, run: () => runCanvas(alone(LINKS), 2) },
    { name: `chain of ${LINKS}`, run: () => runCanvas(chainOf(LINKS), LINKS + 1) },
  ],
  [
    'chord-of-100',
    { name: `${PARTS + 1} tasks alone`, run: () => runCanvas(alone(PARTS + 1), 2) },
    { name: `chord of ${PARTS} and its body`, run: () => runCanvas(chordOf(PARTS), 2 * PARTS) },
  ],
];

export const canvas: Question = async ({ rounds, targetsOnly = false }) => {
  if (targetsOnly) return [];
  const tables: Table[] = [];
  for (const [key, base, composed] of PAIRS) {
    const title = 'call, workers and results; the time of the simulated AWS included';
    tables.push({ key: `canvas/${key}`, title, unit: 'µs', ...(await measure([base, composed], { rounds })) });
  }
  const runs = await Promise.all(PAIRS.flat().flatMap((one) => (typeof one === 'string' ? [] : [counted(one)])));
  for (const service of ['sqs', 'dynamodb']) {
    const rows = runs.map(({ name, requests }) => toRow(name, [requests.get(service) ?? 0], [runs[0]!.requests.get(service) ?? 0]));
    tables.push({
      key: `canvas/${service}-requests`,
      title: `requests to ${service}, of senders and workers together`,
      unit: 'requests',
      rows,
    });
  }
  return tables;
};

async function counted({ name, run }: Scenario): Promise<CanvasRun & { readonly name: string }> {
  return { name, ...(await run()) };
}
