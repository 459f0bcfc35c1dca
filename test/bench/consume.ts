/** What does a record cost? A whole invocation with real envelopes, against the bare loop over the same event. */

import { createLambdaContext } from '../../src/testing/events.ts';
import { bareLoop, createMiddyHandler, createOwnHandler, createOwnInMiddy, type Handler } from './consume-contenders.ts';
import { type Contender, type MeasureOptions, measure } from './measure.ts';
import { eventOf, orderOf } from './messages.ts';
import type { Table } from './table.ts';
import { TARGETS } from './targets.ts';

/** Each is a batch size and a size of arguments; 0 bytes is the recorded message with its own (2, 3). */
const SCENARIOS = [
  { key: 'consume/10x1KB', records: 10, bytes: 1024 },
  { key: 'consume/1x1KB', records: 1, bytes: 1024 },
  { key: 'consume/100x1KB', records: 100, bytes: 1024 },
  { key: 'consume/10x10KB', records: 10, bytes: 10_240 },
  { key: 'consume/10xdefault', records: 10, bytes: 0 },
  { key: 'consume/1xdefault', records: 1, bytes: 0 },
] as const;

export async function consume(options: MeasureOptions & { readonly targetsOnly?: boolean } = {}): Promise<Table[]> {
  const tables: Table[] = [];
  for (const { key, records, bytes } of SCENARIOS) {
    const target = TARGETS[key];
    if (options.targetsOnly === true && target === undefined) continue;
    const event = eventOf(records, (place) => (bytes === 0 ? [2, 3] : [orderOf(bytes), place]));
    const title = `${records} record${records === 1 ? '' : 's'} of ${event.Records[0]!.body.length} characters; the unit is one record`;
    const timings = await measure(await contendersFor(event), options);
    tables.push({ key, title, unit: 'µs', target, measured: 'celeriac', rows: timings.map((timing) => perRecord(timing, records)) });
  }
  return tables;
}

type Event = ReturnType<typeof eventOf>;

async function contendersFor(event: Event): Promise<Contender[]> {
  const context = createLambdaContext(30_000);
  const handlers: [string, Handler][] = [
    ['bare loop', bareLoop],
    ['celeriac', createOwnHandler()],
    ['middy, parse in handler', createMiddyHandler()],
    ['celeriac inside middy', createOwnInMiddy()],
  ];
  for (const [name, handler] of handlers) await check(name, handler, event, context);
  return handlers.map(([name, handler]) => ({ name, run: () => handler(event, context) }));
}

/** A contender that reports failures would be timed at failing. */
async function check(name: string, handler: Handler, event: Event, context: Parameters<Handler>[1]): Promise<void> {
  const { batchItemFailures } = await handler(event, context);
  if (batchItemFailures.length > 0) throw new Error(`${name} failed ${batchItemFailures.length} of ${event.Records.length} records.`);
}

function perRecord<T extends { us: number; minUs: number; maxUs: number }>(timing: T, records: number): T {
  return { ...timing, us: timing.us / records, minUs: timing.minUs / records, maxUs: timing.maxUs / records };
}
