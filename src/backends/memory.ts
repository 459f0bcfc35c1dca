/** Results in this process's memory, for tests and local work; each is kept as the very text other stores would keep. */

import { SUCCESS } from '../states.ts';
import { type ResultDocument, readResult, writeResult } from '../wire/result.ts';
import type { ResultBackend } from './backend.ts';

export interface MemoryBackend extends ResultBackend {
  /** All stored documents, by task id. */
  documents(): ReadonlyMap<string, ResultDocument>;
}

/** @example app.connect({ transport, backend: createMemoryBackend() }) */
export function createMemoryBackend(): MemoryBackend {
  const kept = new Map<string, { readonly text: string; readonly final: boolean }>();
  return {
    async store(document) {
      if (kept.get(document.task_id)?.final === true) return;
      kept.set(document.task_id, { text: writeResult(document), final: document.status === SUCCESS });
    },
    async fetch(taskId) {
      const stored = kept.get(taskId);
      return stored === undefined ? undefined : readResult(stored.text);
    },
    async forget(taskId) {
      kept.delete(taskId);
    },
    documents: () => new Map(Array.from(kept, ([id, { text }]) => [id, readResult(text)])),
  };
}
