/** The functions as they are deployed: handlers/worker.ts, bundled and minified, in a Lambda process of its own. */

import { deepEqual, equal } from 'node:assert/strict';
import { join } from 'node:path';
import { bundle } from '../../../../infra/bundle.ts';
import { createEventSourceMapping, startLambda } from '../../../../src/local/index.ts';
import { openEnvelope } from '../../../../src/wire/envelope.ts';
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
  /** The states of a task's attempts in their order, once the last and all before it are logged. */
  const statesOf = (id: string): Promise<readonly unknown[]> =>
    eventually(`all attempts of ${id}`, () => {
      const attempts = lines.filter((line) => line['id'] === id && line['state'] !== 'WAITING');
      const states = attempts.sort((a, b) => Number(a['retries']) - Number(b['retries'])).map(({ state }) => state);
      const last = attempts.findLast(({ state }) => state !== 'RETRY');
      return last !== undefined && attempts.length > Number(last['retries']) ? states : undefined;
    });

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
    ...['flaky', 'flaky_now'].map((task) => ({
      name: `Python’s ${task} is tried again once and succeeds`,
      run: async () => deepEqual(await statesOf(await python.send(`app.send_task("proj.tasks.${task}", (1,))`)), ['RETRY', 'SUCCESS']),
    })),
    {
      name: 'a retry with other arguments is sent',
      run: async () =>
        deepEqual(await statesOf(await python.send('app.send_task("proj.tasks.retry_other_args", (1,))')), ['RETRY', 'SUCCESS']),
    },
    {
      name: 'a task whose retries are used up fails, and lies in the dead-letter queue as its last attempt',
      run: async () => {
        const id = await python.send('app.send_task("proj.tasks.auto", ("https://example.com",))');
        deepEqual(await statesOf(id), ['RETRY', 'FAILURE']);
        const { code, body } = await dead.of(id);
        deepEqual([code, openEnvelope(body).headers['retries']], ['failed', 1]);
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
