/** A backend that tells what it was asked, and can leave out what is optional. */

import { vi } from 'vitest';
import type { GroupStore, ResultBackend } from '../../../src/backends/backend.ts';
import type { ResultSource } from '../../../src/results/result-base.ts';
import { resultFromTuple } from '../../../src/results/tuples.ts';
import { type ResultDocument, type ResultFields, type ResultTuple, toResultDocument } from '../../../src/wire/result.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

export interface FakeStore {
  readonly backend: ResultBackend;
  readonly documents: Map<string, ResultDocument>;
  readonly groups: Map<string, ResultTuple>;
  /** What each request read, in order. */
  readonly reads: string[][];
  readonly forgotten: string[];
  /** How many are being told. */
  readonly watching: () => number;
  readonly watched: string[][];
  put(id: string, fields?: Partial<ResultFields>): void;
  /** Puts it without telling anybody, as when the connection is lost. */
  putSilently(id: string, fields?: Partial<ResultFields>): void;
}

export function createFakeStore(can: { many?: boolean; watch?: boolean; groups?: boolean } = {}): FakeStore {
  const documents = new Map<string, ResultDocument>();
  const groups = new Map<string, ResultTuple>();
  const reads: string[][] = [];
  const forgotten: string[] = [];
  const watched: string[][] = [];
  const listeners = new Set<(document: ResultDocument) => void>();
  const putSilently: FakeStore['put'] = (id, fields) => {
    documents.set(id, toResultDocument({ status: 'SUCCESS', ...fields, task_id: id }));
  };
  const groupStore: GroupStore = {
    save: vi.fn(async (id, tuple) => void groups.set(id, tuple)),
    restore: async (id) => groups.get(id),
    remove: async (id) => void groups.delete(id),
  };
  const backend: ResultBackend = {
    store: () => Promise.reject(new Error('nothing is stored here')),
    async fetch(id) {
      reads.push([id]);
      return documents.get(id);
    },
    async forget(id) {
      forgotten.push(id);
      documents.delete(id);
    },
    ...(can.many === true && {
      async fetchMany(ids: readonly string[]) {
        reads.push([...ids]);
        return ids.map((id) => documents.get(id));
      },
    }),
    ...(can.watch === true && {
      async watch(ids: readonly string[], onDocument: (document: ResultDocument) => void) {
        watched.push([...ids]);
        const listener = (document: ResultDocument) => {
          if (ids.includes(document.task_id)) onDocument(document);
        };
        listeners.add(listener);
        return async () => void listeners.delete(listener);
      },
    }),
    ...(can.groups === true && { groups: groupStore }),
  };
  return {
    backend,
    documents,
    groups,
    reads,
    forgotten,
    watched,
    watching: () => listeners.size,
    putSilently,
    put(id, fields) {
      putSilently(id, fields);
      for (const listener of [...listeners]) listener(documents.get(id)!);
    },
  };
}

export function sourceOf(store: FakeStore | undefined, overrides: Partial<ResultSource> = {}): () => ResultSource {
  const made: ResultSource = {
    backend: store?.backend,
    clock: createFakeClock(),
    expiresSeconds: 86_400,
    insideTask: () => false,
    revoke: async () => {},
    resultFromTuple: async (tuple) => resultFromTuple(tuple, source),
    ...overrides,
  };
  const source = () => made;
  return source;
}

/** A failure as it is stored. */
export const failure = (text: string): Pick<ResultFields, 'status' | 'result' | 'traceback'> => ({
  status: 'FAILURE',
  result: { exc_type: 'ValueError', exc_message: [text], exc_module: 'builtins' },
  traceback: `Traceback: ${text}`,
});
