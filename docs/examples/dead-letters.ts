/** Looking at dead letters, sending them back, and throwing them away. */

// #region read
import { createDeadLetters } from 'celeriac';
import { app } from './tasks.ts';

export const letters = createDeadLetters(app);

export async function look(): Promise<string[]> {
  const lines: string[] = [];
  for await (const { code, task, id, reason } of letters.read({ limit: 20 })) lines.push(`${code} ${task} ${id}: ${reason}`);
  return lines;
}
// #endregion

// #region redrive
export async function sendBack(): Promise<string> {
  const { redriven, skipped, failed } = await letters.redrive({ filter: { code: 'content-disallowed', task: 'shop.*' } });
  return `${redriven} sent back, ${skipped} left, ${failed} failed`;
}
// #endregion

// #region purge
export async function throwAway(): Promise<number> {
  const { purged } = await letters.purge({ filter: { code: 'not-json', before: Date.now() - 86_400_000 } });
  return purged;
}
// #endregion
