/** What does a record cost? A whole invocation with real envelopes, against the bare loop over the same event. */

import { createLambdaContext } from '../../src/testing/events.ts';
import { bareLoop, createOwnHandler, createOwnInMiddy, type Handler } from './consume-contenders.ts';
import { createCeleryNodeHandler, createMiddyHandler, createPowertoolsHandler } from './consume-peers.ts';
import { type Contender, measure } from './measure.ts';
import { eventOf, orderOf } from './messages.ts';
import type { Options, Question } from './question.ts';
import type { Table } from './table.ts';
import { isTargeted } from './targets.ts';

interface Scenario {
  readonly key: string;
  readonly records: number;
  /** Of arguments; 0 is the recorded message with its own (2, 3). */
  readonly bytes: number;
  /** Only where the run may take long: these batches are far beyond the 6 MB that Lambda hands over. */
  readonly long?: boolean;
}

const KB = 1024;

const SCENARIOS: readonly Scenario[] = [
  { key: 'consume/1x1KB', records: 1, bytes: KB },
  { key: 'consume/10x1KB', records: 10, bytes: KB },
  { key: 'consume/100x1KB', records: 100, bytes: KB },
  { key: 'consume/1000x1KB', records: 1000, bytes: KB },
  { key: 'consume/10000x1KB', records: 10_000, bytes: KB },
  { key: 'consume/1x10KB', records: 1, bytes: 10 * KB },
  { key: 'consume/10x10KB', records: 10, bytes: 10 * KB },
  { key: 'consume/100x10KB', records: 100, bytes: 10 * KB },
  { key: 'consume/1000x10KB', records: 1000, bytes: 10 * KB, long: true },
  { key: 'consume/10000x10KB', records: 10_000, bytes: 10 * KB, long: true },
  { key: 'consume/10xdefault', records: 10, bytes: 0 },
];

export const consume: Question = async (options) => {
  const tables: Table[] = [];
  for (const scenario of SCENARIOS) {
    if (options.targetsOnly ? isTargeted(scenario.key) : options.long || scenario.long !== true) {
      tables.push(await answer(scenario, options));
    }
  }
  return tables;
};

async function answer({ key, records, bytes }: Scenario, { rounds, targetsOnly }: Options): Promise<Table> {
  const order = orderOf(bytes);
  const event = eventOf(records, (place) => (bytes === 0 ? [2, 3] : [order, place]));
  const title = `${records} record${records === 1 ? '' : 's'} of ${event.Records[0]!.body.length} characters; the unit is one record`;
  const own: [string, Handler][] = [['celeriac', createOwnHandler()]];
  const others: [string, Handler][] = [
    ['celeriac inside middy', createOwnInMiddy()],
    ['middy, partial batch', createMiddyHandler()],
    ['powertools batch', createPowertoolsHandler()],
    ['celery.node', createCeleryNodeHandler()],
  ];
  const context = createLambdaContext(30_000);
  const contenders: Contender[] = [];
  for (const [name, handler] of targetsOnly ? own : [...own, ...others]) {
    await check(name, handler, event, context);
    contenders.push({ name, operations: records, run: () => handler(event, context) });
  }
  const base: Contender = { name: 'bare loop', operations: records, run: () => bareLoop(event, context) };
  // What runs longer than a round by itself is steadier, and dear.
  return { key, title, unit: 'µs', ...(await measure([base, ...contenders], { rounds: records >= 1000 ? fewer(rounds) : rounds })) };
}

const fewer = (rounds: number | undefined): number => Math.min(5, rounds ?? 5);

type Event = ReturnType<typeof eventOf>;

/** A contender that reports failures would be timed at failing. */
async function check(name: string, handler: Handler, event: Event, context: Parameters<Handler>[1]): Promise<void> {
  const { batchItemFailures } = await handler(event, context);
  if (batchItemFailures.length > 0) throw new Error(`${name} failed ${batchItemFailures.length} of ${event.Records.length} records.`);
}
