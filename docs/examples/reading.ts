/** Reading results: where they are kept, progress, groups, and what a task has sent. */

import { AsyncResult, createApp, group } from 'celeriac';
import { createDynamoDBBackend } from 'celeriac/backends/dynamodb';
import { createRedisBackend } from 'celeriac/backends/redis';
import { createS3Backend } from 'celeriac/backends/s3';
import { createSqsTransport } from 'celeriac/transports/sqs';

export const app = createApp('reports', { resultExpires: 3600 });

// #region backends
export const inDynamoDB = createDynamoDBBackend({ table: 'celery', region: 'eu-central-1' });
export const inRedis = createRedisBackend({ url: 'redis://127.0.0.1:6379/0' });
export const inS3 = createS3Backend({ bucket: 'celery-results', basePath: 'shop/' });

app.connect({ transport: createSqsTransport({ region: 'eu-central-1' }), backend: inDynamoDB });
// #endregion

// #region progress
export const render = app.task('reports.render', { bind: true }, async (self, pages: number) => {
  for (let page = 1; page <= pages; page++) {
    await self.updateState({ state: 'PROGRESS', meta: { page, pages } });
  }
  return `report of ${pages} pages`;
});

export async function progress(id: string): Promise<string> {
  const result = app.asyncResult<string>(id);
  if (await result.ready()) return await result.get();
  const { page = 0, pages = 0 } = ((await result.info()) ?? {}) as { page?: number; pages?: number };
  return `${page} of ${pages} pages`;
}
// #endregion

// #region group
export async function renderAll(): Promise<string> {
  const sent = await group([render.s(1), render.s(2), render.s(3)]).applyAsync();
  for await (const [result, report] of sent.iterate({ timeout: 60 })) {
    console.log(`${result.id}: ${report}`);
  }
  console.log(await sent.get());
  await sent.save();
  return sent.id;
}

export async function howMany(groupId: string): Promise<string> {
  const sent = await app.groupResult(groupId);
  if (sent === undefined) return 'no such group, or it has expired';
  return `${await sent.completedCount()} of ${sent.results.length} are done`;
}
// #endregion

// #region collect
export const renderBook = app.task('reports.render_book', async (chapters: number) => {
  const sent: AsyncResult<string>[] = [];
  for (let chapter = 1; chapter <= chapters; chapter++) sent.push(await render.delay(chapter));
  return sent.length;
});

export async function reportsOf(book: AsyncResult<number>): Promise<unknown[]> {
  const reports: unknown[] = [];
  for await (const [result, value] of book.collect({ timeout: 60 })) {
    const isLast = (await result.children()).length === 0;
    if (isLast) reports.push(value);
  }
  return reports;
}
// #endregion

// #region handing
export async function fromJson(text: string): Promise<string> {
  const result = await app.resultFromTuple(JSON.parse(text));
  if (result instanceof AsyncResult) return `a task, ${await result.state()}`;
  return `a group of ${result.results.length}`;
}
// #endregion
