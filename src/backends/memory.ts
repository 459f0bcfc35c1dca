/** Results in this process's memory, for tests and local work; each is kept as the very text other stores would keep. */

import { type Clock, systemClock } from '../clock.ts';
import { SUCCESS } from '../states.ts';
import { type ResultDocument, readResult, writeResult } from '../wire/result.ts';
import { readGroupPayload, writeGroup } from '../wire/result-payload.ts';
import type { GroupStore, Keeping, ResultBackend } from './backend.ts';
import { createMemoryChords } from './memory-chords.ts';
import { createMemoryShelf } from './memory-shelf.ts';
import { Watchers } from './watchers.ts';

export interface MemoryBackendOptions {
  /** Says when results expire; default the system's. */
  readonly clock?: Clock;
}

export interface MemoryBackend extends ResultBackend {
  /** All stored documents, by task id. */
  documents(): ReadonlyMap<string, ResultDocument>;
}

/**
 * A backend that does all that a backend can. Results without `keeping` are kept for ever.
 *
 * @example app.connect({ transport, backend: createMemoryBackend() })
 */
export function createMemoryBackend({ clock = systemClock }: MemoryBackendOptions = {}): MemoryBackend {
  const kept = createMemoryShelf<{ readonly text: string; readonly isFinal: boolean }>(clock);
  const groups = createMemoryShelf<string>(clock);
  const watchers = new Watchers();

  const fetch = (taskId: string): ResultDocument | undefined => {
    const stored = kept.get(taskId);
    return stored === undefined ? undefined : readResult(stored.text);
  };
  const store = (document: ResultDocument, keeping?: Keeping): void => {
    if (kept.get(document.task_id)?.isFinal === true) return;
    const text = writeResult(document);
    kept.set(document.task_id, { text, isFinal: document.status === SUCCESS }, keeping);
    if (watchers.has(document.task_id)) watchers.tell(readResult(text));
  };
  const groupStore: GroupStore = {
    async save(groupId, group, keeping) {
      groups.set(groupId, writeGroup(group), keeping);
    },
    async restore(groupId) {
      const text = groups.get(groupId);
      return text === undefined ? undefined : readGroupPayload(text);
    },
    async remove(groupId) {
      groups.remove(groupId);
    },
  };
  const chords = createMemoryChords(clock, fetch);

  return {
    async store(document, keeping) {
      store(document, keeping);
    },
    async storeMany(documents, keeping) {
      return documents.map((document) => failureOf(() => store(document, keeping)));
    },
    async fetch(taskId) {
      return fetch(taskId);
    },
    async fetchMany(taskIds) {
      return taskIds.map(fetch);
    },
    async forget(taskId) {
      kept.remove(taskId);
    },
    async watch(taskIds, onDocument) {
      const end = watchers.add(taskIds, onDocument);
      return async () => end();
    },
    groups: groupStore,
    chords,
    async cleanup() {
      for (const shelf of [kept, groups, chords]) shelf.cleanup();
    },
    documents: () => new Map(Array.from(kept.entries(), ([id, { text }]) => [id, readResult(text)])),
  };
}

function failureOf(attempt: () => void): Error | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
