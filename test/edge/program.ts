/** The program that every runtime runs: it sends what there is to send, and answers what came of it. */

import { chain, createApp, currentTask, group } from 'celeriac';
import { createSqsFetchTransport } from 'celeriac/transports/sqs-fetch';
import { TEXT } from './sent.ts';

export interface Place {
  readonly endpoint: string;
  readonly region: string;
}

export interface Report {
  /** Of every task that was sent by itself. */
  readonly ids: readonly string[];
  readonly failures: readonly string[];
  /** Task and queue of what was accepted, as observers were told. */
  readonly observed: readonly string[];
  /** Outside of tasks there is none. */
  readonly current: string;
}

export async function run({ endpoint, region }: Place): Promise<Report> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const transport = createSqsFetchTransport({ endpoint, region, credentials });
  const app = createApp('edge', { transport });
  const add = app.declare<[x: number, y: number], number>('edge.add');
  const echo = app.declare<[text: string], string>('edge.echo');
  const observed: string[] = [];
  app.on('afterTaskPublish', ({ task, queue }) => void observed.push(`${task} ${queue}`));
  const failure = (error: Error): string => `${error.name}: ${error.message}`;

  const lone = await add.delay(2, 3);
  const together = await Promise.all(Array.from({ length: 25 }, (_, index) => add.delay(index, index)));
  const texts = [await echo.delay(TEXT)];
  await chain(add.s(1, 1), add.s(10)).applyAsync();
  await group([add.s(1, 2), add.s(3, 4), echo.s('a group')]).applyAsync();
  await add
    .starmap([
      [5, 5],
      [6, 6],
    ])
    .applyAsync();
  const later = await add.applyAsync([50, 50], { countdown: 1, headers: { tenant: 'ü' } });
  const many = await app.sendTasks(
    (function* () {
      for (let index = 0; index < 12; index++) yield add.s(100, index);
    })(),
  );
  let flushed = '';
  void echo.delay('flushed').then(({ id }) => {
    flushed = id;
  });
  await app.flush();
  const ordered = { queue: 'orders.fifo', messageGroupId: 'customer-1' };
  const orders = await Promise.all([echo.applyAsync(['first'], ordered), echo.applyAsync(['second'], ordered)]);
  const failures = [
    await add.applyAsync([1, 1], { queue: 'nowhere' }).then(() => 'sent', failure),
    await echo.delay('x'.repeat(1_048_577)).then(() => 'sent', failure),
  ];
  await transport.close();
  const ids = [...[lone, ...together, ...texts, later, ...many, ...orders].map(({ id }) => id), flushed];
  return { ids, failures, observed: observed.sort(), current: String(currentTask()) };
}
