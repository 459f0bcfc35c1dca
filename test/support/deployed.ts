/** The deployed modules, loaded anew for each test with an environment of its own, over a local SQS. */

import type { LocalSqs } from 'celeriac/local';
import { createLambdaContext, createSqsEvent } from 'celeriac/testing';
import { expect, vi } from 'vitest';

/** `environment` names the other services; called in beforeEach. */
export function stubEnvironment({ endpoint, region, credentials }: LocalSqs, environment: Readonly<Record<string, string>>): void {
  const all = {
    SQS_ENDPOINT: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...environment,
  };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  vi.resetModules();
}

/** Called in afterEach; `mocked` is what a test may have mocked. */
export async function putBack(closers: (() => unknown)[], mocked: string): Promise<void> {
  for (const close of closers.splice(0)) await close();
  vi.doUnmock(mocked);
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
}

/** The modules as a function with this environment loads them. */
export async function loadDeployed(closers: (() => unknown)[]) {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const [{ app, transport }, tasks, { handler }] = await Promise.all([
    import('../../handlers/app.ts'),
    import('../../handlers/tasks.ts'),
    import('../../handlers/worker.ts'),
  ]);
  closers.push(() => transport.close());
  /** Runs what is in the queue, as the event source mapping would. */
  const work = async (): Promise<void> => {
    const deliveries = await transport.inbox.receive('celery', { max: 10 });
    expect(await handler(createSqsEvent(deliveries.map(({ body }) => body)), createLambdaContext())).toEqual({ batchItemFailures: [] });
    await Promise.all(deliveries.map((delivery) => transport.inbox.done(delivery)));
  };
  return { app, transport, handler, work, ...tasks };
}
