/**
 * A process with `--expose-gc` that runs a batch by one handler, named on the command line, and tells what it holds for each record
 * while the tasks of all of them are under way, and how much it takes from the heap for each in a whole invocation.
 */

import { createLambdaContext } from '../../src/testing/events.ts';
import { createOwnHandler, type Handler, parse, type Run } from './consume-contenders.ts';
import { createCeleryNodeHandler, createMiddyHandler, createPowertoolsHandler } from './consume-peers.ts';
import { eventOf, orderOf } from './messages.ts';

export interface HeapQuestion {
  readonly records: number;
}

/** In bytes of a record. */
export interface HeapAnswer {
  readonly held: number;
  readonly taken: number;
}

const bareLoop =
  (run: Run): Handler =>
  async (event) => {
    await Promise.all(event.Records.map(async ({ body }) => run(...parse(body)[0])));
    return { batchItemFailures: [] };
  };

const HANDLERS = new Map<string, (run: Run, records: number) => Handler>([
  ['bare loop', bareLoop],
  ['celeriac', (run, records) => createOwnHandler(run, { concurrency: records })],
  ['middy, partial batch', createMiddyHandler],
  ['powertools batch', createPowertoolsHandler],
  ['celery.node', createCeleryNodeHandler],
]);

const collect = (globalThis as { readonly gc?: () => void }).gc!;
const context = createLambdaContext(30_000);
const heapUsed = (): number => process.memoryUsage().heapUsed;

process.on('message', async ({ records }: HeapQuestion) => {
  const order = orderOf(1024);
  const event = eventOf(records, (place) => [order, place]);
  let started = 0;
  let open = (): void => {};
  let gate = Promise.resolve();
  let allStarted = (): void => {};
  const handler = HANDLERS.get(process.argv[2]!)!(async (...args) => {
    started += 1;
    if (started === records) allStarted();
    await gate;
    return args.length;
  }, records);
  for (let warm = 0; warm < (records > 1000 ? 1 : 5); warm++) {
    await handler(event, context);
    started = 0;
  }
  collect();
  const before = heapUsed();
  await handler(event, context);
  const taken = heapUsed() - before;

  started = 0;
  collect();
  const empty = heapUsed();
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const underWay = new Promise<void>((resolve) => {
    allStarted = resolve;
  });
  const answer = handler(event, context);
  await underWay;
  collect();
  const held = heapUsed() - empty;
  open();
  await answer;
  process.send!({ held: held / records, taken: taken / records } satisfies HeapAnswer);
});
process.on('disconnect', () => process.exit());
