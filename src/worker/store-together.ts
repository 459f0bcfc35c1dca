/** Results that are stored in one turn of the event loop go to the backend together, where it can store several at once. */

import type { Keeping, ResultBackend } from '../backends/backend.ts';
import { coalesce, type Together } from '../coalesce.ts';
import type { ResultDocument } from '../wire/result.ts';

interface Item {
  readonly document: ResultDocument;
  readonly keeping: Keeping;
}

const stores = new WeakMap<ResultBackend, Together<Item, Error | undefined>>();

/** Stores the document, with whatever else is stored in this turn. Rejects when this one was not stored. */
export async function storeTogether(backend: ResultBackend, document: ResultDocument, keeping: Keeping): Promise<void> {
  if (backend.storeMany === undefined) return await backend.store(document, keeping);
  const [error] = await storeOf(backend)([{ document, keeping }]);
  if (error !== undefined) throw error;
}

function storeOf(backend: ResultBackend): Together<Item, Error | undefined> {
  const made = stores.get(backend);
  if (made !== undefined) return made;
  const store = coalesce<Item, Error | undefined>(async (items) =>
    items.length === 1
      ? [await failureOf(() => backend.store(items[0]!.document, items[0]!.keeping))]
      : await backend.storeMany!(
          items.map(({ document }) => document),
          // The settings of one app say how long, so all in a turn are kept alike.
          items[0]!.keeping,
        ),
  );
  stores.set(backend, store);
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
