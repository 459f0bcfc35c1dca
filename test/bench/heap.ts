/**
 * What does a record hold of the heap, and does that, or its time, grow with the batch? Held is what is there after a collection while
 * the tasks of all records are under way; taken is all that one invocation allocates. Bytes repeat to a hundredth: one process for each is enough.
 */

import { createLambdaContext } from '../../src/testing/events.ts';
import { startChild } from './children.ts';
import { bareLoop, createOwnHandler, type Handler } from './consume-contenders.ts';
import type { HeapAnswer, HeapQuestion } from './heap-process.ts';
import { type Contender, measure } from './measure.ts';
import { eventOf, orderOf } from './messages.ts';
import type { Options, Question } from './question.ts';
import { toRow } from './statistics.ts';
import type { Table } from './table.ts';

/** So large a young generation is not collected while what is taken is counted. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];

const FEW = 10;
const MANY = 10_000;
const RECORDS = 1000;
const KB = 1024;

/** What a record may hold, in KB. */
const AIM = 3.5;

export const heap: Question = async (options) => [...(await sizes(options)), await heapGrowth(), ...(await timeGrowth(options))];

async function ask(name: string, records: number): Promise<HeapAnswer> {
  const child = startChild('heap-process.ts', [name], FLAGS);
  try {
    return await child.ask<HeapAnswer>({ records } satisfies HeapQuestion);
  } finally {
    child.close();
  }
}

async function samplesOf(name: string, records: number): Promise<Record<keyof HeapAnswer, number[]>> {
  const { held, taken } = await ask(name, records);
  return { held: [held / KB], taken: [taken / KB] };
}

async function sizes({ targetsOnly = false }: Options): Promise<Table[]> {
  const others = ['middy, partial batch', 'powertools batch', 'celery.node'];
  const lanes: [name: string, Awaited<ReturnType<typeof samplesOf>>][] = [];
  for (const name of ['bare loop', 'celeriac', ...(targetsOnly ? [] : others)]) lanes.push([name, await samplesOf(name, RECORDS)]);
  const aim = lanes[0]![1].held.map(() => AIM);
  const title = (what: string): string => `heap ${what} for a record of 1 KB, ${RECORDS} records under way`;
  const held = [toRow(`${AIM} KB`, aim, aim), ...lanes.map(([name, samples]) => toRow(name, samples.held, aim))];
  const taken = lanes.map(([name, samples]) => toRow(name, samples.taken, lanes[0]![1].taken));
  return [
    { key: 'heap/held', title: title('held'), unit: 'KB', rows: held },
    { key: 'heap/taken', title: title('taken'), unit: 'KB', rows: taken },
  ];
}

async function heapGrowth(): Promise<Table> {
  const few = (await samplesOf('celeriac', FEW)).held;
  const many = (await samplesOf('celeriac', MANY)).held;
  const rows = [toRow(`${FEW} records`, few, few), toRow(`${MANY} records`, many, few)];
  return { key: 'heap/growth', title: 'heap held for a record, with the size of the batch', unit: 'KB', rows };
}

async function timeGrowth({ rounds, targetsOnly }: Options): Promise<Table[]> {
  const handlers: [string, Handler][] = [['celeriac', createOwnHandler()]];
  if (targetsOnly !== true) handlers.push(['bare loop', bareLoop]);
  const context = createLambdaContext(30_000);
  const tables: Table[] = [];
  for (const [name, handler] of handlers) {
    const contender = (records: number): Contender => {
      const order = orderOf(KB);
      const event = eventOf(records, (place) => [order, place]);
      return { name: `${records} records`, operations: records, run: () => handler(event, context) };
    };
    const measured = await measure([contender(FEW), contender(MANY)], { rounds: rounds ?? 9 });
    tables.push({
      key: `heap/time-growth, ${name}`,
      title: `time of a record of 1 KB, with the size of the batch: ${name}`,
      unit: 'µs',
      ...measured,
    });
  }
  return tables;
}
