/** Results as files in the layout of Celery's own filesystem backend (celery.backends.filesystem), so that each side reads the other's. */

import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResultBackend } from '../../../src/index.ts';
import { SUCCESS } from '../../../src/states.ts';
import { readResult, writeResult } from '../../../src/wire/result.ts';

export function createFileBackend(folder: string): ResultBackend {
  const fileOf = (taskId: string): string => join(folder, `celery-task-meta-${taskId}`);
  const fetch: ResultBackend['fetch'] = async (taskId) => {
    const text = await readFile(fileOf(taskId), 'utf8').catch(() => '');
    // Python opens the file before it writes: for a moment it is empty, or cut short.
    return text.endsWith('}') ? readResult(text) : undefined;
  };
  return {
    fetch,
    async store(document) {
      const file = fileOf(document.task_id);
      if ((await fetch(document.task_id))?.status === SUCCESS) return;
      // Two attempts may store at the same time.
      const part = `${file}.${randomUUID()}.part`;
      await writeFile(part, writeResult(document));
      await rename(part, file);
    },
    async forget(taskId) {
      await rm(fileOf(taskId), { force: true });
    },
  };
}
