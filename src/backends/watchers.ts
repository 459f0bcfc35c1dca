/** Who wants to be told of which task's documents. */

import type { ResultDocument } from '../wire/result.ts';

export type Watcher = (document: ResultDocument) => void;

export class Watchers {
  readonly #watchers = new Map<string, Set<Watcher>>();

  /** @returns what ends it */
  add(taskIds: readonly string[], onDocument: Watcher): () => void {
    const ids = new Set(taskIds);
    // Of its own, so that the same function may watch twice.
    const watcher: Watcher = (document) => onDocument(document);
    for (const id of ids) this.#of(id).add(watcher);
    return () => {
      for (const id of ids) this.#remove(id, watcher);
    };
  }

  has(taskId: string): boolean {
    return this.#watchers.has(taskId);
  }

  ids(): readonly string[] {
    return [...this.#watchers.keys()];
  }

  /** Tells each; what one throws is its own affair. */
  tell(document: ResultDocument): void {
    for (const watcher of [...(this.#watchers.get(document.task_id) ?? [])]) {
      try {
        watcher(document);
      } catch {}
    }
  }

  #of(taskId: string): Set<Watcher> {
    const found = this.#watchers.get(taskId) ?? new Set();
    this.#watchers.set(taskId, found);
    return found;
  }

  #remove(taskId: string, watcher: Watcher): void {
    const found = this.#watchers.get(taskId);
    if (found?.delete(watcher) === true && found.size === 0) this.#watchers.delete(taskId);
  }
}
