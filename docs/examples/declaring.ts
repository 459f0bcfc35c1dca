/** The ways of declaring a task. */

import { createApp } from 'celeriac';

export const app = createApp('declaring');

// #region keywords
export const add = app.task('math.add', { params: ['x', 'y'] }, (x: number, y: number) => x + y);

export const mail = app.task('mail.send', { kwargs: true }, (to: string, options: { subject?: string }) => {
  return `${to}: ${options.subject ?? 'no subject'}`;
});
// #endregion

// #region bound
export const whoami = app.task('who.am_i', { bind: true, ignoreResult: true }, (self, greeting: string) => {
  const { id, queue, receiveCount, headers } = self.request;
  self.logger.info({ message: greeting, id, queue, receiveCount, tenant: headers['tenant'] });
});
// #endregion

// #region elsewhere
export const thumbnail = app.declare<[url: string, width: number], string>('images.thumbnail');
// #endregion

// #region calls
export async function callAll(): Promise<number> {
  await add.delay(2, 3);
  await mail.applyAsync(['ada@example.com'], { kwargs: { subject: 'Hello' } });
  await thumbnail.applyAsync(['https://example.com/a.png', 64], { queue: 'python' });
  await app.sendTask('images.thumbnail', ['https://example.com/a.png'], { kwargs: { width: 64 }, queue: 'python' });
  return await add(2, 3);
}
// #endregion
