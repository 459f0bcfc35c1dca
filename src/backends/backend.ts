/** The seam to whatever keeps results. A backend stores documents; it fires no callbacks and counts no chords of its own accord. */

import type { ResultDocument } from '../wire/result.ts';

export interface ResultBackend {
  /** Stores the document under its task id. A stored SUCCESS is never overwritten (celery KeyValueStoreBackend._store_result). */
  store(document: ResultDocument): Promise<void>;
  fetch(taskId: string): Promise<ResultDocument | undefined>;
  forget(taskId: string): Promise<void>;
  close?(): Promise<void>;
}
