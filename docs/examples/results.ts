/** Reading results, and a result backend over a store of one's own. */

import type { ResultBackend } from 'celeriac';
import { RemoteError, TimeoutError } from 'celeriac';
import { readResult, writeResult } from 'celeriac/wire';
import { resize } from './tasks.ts';

// #region get
export async function resized(url: string): Promise<string> {
  const sent = await resize.delay(url, 640);
  try {
    return await sent.get({ timeout: 10 });
  } catch (error) {
    if (error instanceof RemoteError) return `${error.excType}: ${error.excArgs.join(', ')}`;
    if (error instanceof TimeoutError) return `still ${await sent.state()}`;
    throw error;
  }
}
// #endregion

/** Whatever keeps texts by name; a Map will do. */
export interface TextStore {
  get(key: string): string | undefined | Promise<string | undefined>;
  set(key: string, value: string): unknown;
  delete(key: string): unknown;
}

// #region backend
export function createTextBackend(texts: TextStore): ResultBackend {
  const keyOf = (taskId: string) => `celery-task-meta-${taskId}`;
  const fetch = async (taskId: string) => {
    const text = await texts.get(keyOf(taskId));
    return text === undefined ? undefined : readResult(text);
  };
  return {
    fetch,
    async store(document) {
      if ((await fetch(document.task_id))?.status === 'SUCCESS') return;
      await texts.set(keyOf(document.task_id), writeResult(document));
    },
    async forget(taskId) {
      await texts.delete(keyOf(taskId));
    },
  };
}
// #endregion
