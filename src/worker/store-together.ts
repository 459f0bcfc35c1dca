/** Results that are stored in one turn of the event loop go to the backend together, where it can store several at once. */

import type { Keeping, ResultBackend } from '../backends/backend.ts';
import { coalesce, type Together } from '../coalesce.ts';
import type { ResultDocument } from '../wire/result.ts';

type Store = Together<ResultDocument, Error | undefined>;

/** By backend, and by how long is kept: what is kept otherwise goes in another call. */
const stores = new WeakMap<ResultBackend, Map<number | null, Store>>();

/** Stores the document, with whatever else is stored in this turn. Rejects when this one was not stored. */
export async function storeTogether(backend: ResultBackend, document: ResultDocument, keeping: Keeping): Promise<void> {
  if (backend.storeMany === undefined) return await backend.store(document, keeping);
  const [error] = await storeOf(backend, keeping)([document]);
  if (error !== undefined) throw error;
}

function storeOf(backend: ResultBackend, keeping: Keeping): Store {
  const known = stores.get(backend) ?? new Map<number | null, Store>();
  const made = known.get(keeping.expiresSeconds);
  if (made !== undefined) return made;
  const store = coalesce<ResultDocument, Error | undefined>(async (documents) =>
    documents.length === 1 ? [await failureOf(() => backend.store(documents[0]!, keeping))] : await backend.storeMany!(documents, keeping),
  );
  stores.set(backend, known.set(keeping.expiresSeconds, store));
  return store;
}

async function failureOf(work: () => Promise<void>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
