/** The functions as they are deployed: handlers/worker.ts, bundled and minified, in a Lambda process of its own. */

import { deepEqual, equal } from 'node:assert/strict';
import { join } from 'node:path';
import { bundle } from '../../../../infra/bundle.ts';
import { createEventSourceMapping, startLambda } from '../../../../src/local/index.ts';
import { type Case, eventually } from '../case.ts';
import type { World } from '../world.ts';

export interface Deployed {
  readonly cases: readonly Case[];
  close(): Promise<void>;
}

type Line = Readonly<Record<string, unknown>>;

export async function deploy({ sqs, folder, python, dead }: World): Promise<Deployed> {
  const bundleDir = join(folder, 'bundle');
  await bundle({ outdir: bundleDir });
  const lines: Line[] = [];
  const lambda = await startLambda({
    bundleDir,
    handler: 'worker.handler',
    runtime: 'invoker',
    env: { SQS_ENDPOINT: sqs.endpoint, DEAD_LETTER_QUEUE: 'dead' },
    onLog: ({ source, text }) => {
      if (source === 'stdout' && text.startsWith('{')) lines.push(JSON.parse(text) as Line);
    },
  });
  const mapping = createEventSourceMapping({
    sqs,
    queue: 'celery',
    functionResponseType: 'ReportBatchItemFailures',
    invoke: lambda.invoke,
  });
  const lineOf = (id: string): Promise<Line> => eventually(`a log line of ${id}`, () => lines.find((line) => line['id'] === id));

  const cases: Case[] = [
    {
      name: 'a task of Python’s succeeds',
      run: async () => {
        const { state, task, acknowledged } = await lineOf(await python.send('app.send_task("proj.tasks.add", (2,), {"y": 3})'));
        deepEqual({ state, task, acknowledged }, { state: 'SUCCESS', task: 'proj.tasks.add', acknowledged: true });
      },
    },
    {
      name: 'a failure is logged with what Python had sent',
      run: async () => {
        const { state, error } = await lineOf(await python.send('app.send_task("proj.tasks.fail", ("Grüße 🎉",), compression="zlib")'));
        deepEqual([state, (error as Line)['message']], ['FAILURE', 'Grüße 🎉']);
      },
    },
    {
      name: 'a task that sends others sends them to SQS',
      run: async () => {
        const id = await python.send('app.send_task("proj.tasks.spawn", (2,))');
        await eventually('two children', () =>
          lines.filter((line) => line['parentId'] === id && line['state'] === 'SUCCESS').length === 2 ? true : undefined,
        );
      },
    },
    {
      name: 'a countdown is waited for',
      run: async () => {
        const before = Date.now();
        const id = await python.send('app.send_task("proj.tasks.noop", countdown=1)');
        await eventually('its success', () => lines.find((line) => line['id'] === id && line['state'] === 'SUCCESS'));
        equal(Date.now() - before >= 1000, true);
      },
    },
    {
      name: 'pickle is quarantined',
      run: async () =>
        equal(
          (await dead.of(await python.send('app.send_task("proj.tasks.add", (2, 3), serializer="pickle")'))).code,
          'content-disallowed',
        ),
    },
  ];
  return {
    cases,
    close: async () => {
      await mapping.close();
      await lambda.close();
    },
  };
}
