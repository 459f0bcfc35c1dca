/**
 * The seam to whatever keeps results. A backend stores documents, groups and the counts of chords; it fires no callbacks and
 * sends nothing. What one cannot do it leaves out, and is asked for once. `testing/backend-suite` holds what each must do.
 *
 * What writes rejects with BackendStoreError, what reads with BackendGetError; a write that rejected was then done or not, and may
 * be asked again.
 */

import type { State } from '../states.ts';
import type { ResultDocument, ResultTuple } from '../wire/result.ts';

/** How long what is stored may be forgotten after; null is for ever. A backend without expiry of its own ignores it. */
export interface Keeping {
  readonly expiresSeconds: number | null;
}

export interface ResultBackend {
  /** Stores the document under its task id. A stored SUCCESS is never overwritten (celery KeyValueStoreBackend._store_result). */
  store(document: ResultDocument, keeping?: Keeping): Promise<void>;
  /** Stores several in as few requests as it can; answers in the order given: undefined where it is stored, else why not. Never rejects. */
  storeMany?(documents: readonly ResultDocument[], keeping?: Keeping): Promise<readonly (Error | undefined)[]>;
  fetch(taskId: string): Promise<ResultDocument | undefined>;
  /** Reads several in as few requests as it can, in the order given. Absent: they are fetched one by one. */
  fetchMany?(taskIds: readonly string[]): Promise<readonly (ResultDocument | undefined)[]>;
  forget(taskId: string): Promise<void>;
  /**
   * Tells of documents of these tasks as they are stored; what was stored before is not told again. Resolves once it listens, with
   * what ends it. Absent: whoever waits looks again every so often.
   */
  watch?(taskIds: readonly string[], onDocument: (document: ResultDocument) => void): Promise<() => Promise<void>>;
  readonly groups?: GroupStore;
  /** Absent: chords are completed by `celery.chord_unlock`, which looks every second whether the header is done. */
  readonly chords?: ChordStore;
  /** Removes what has expired, where the store does not by itself (celery.backend_cleanup). */
  cleanup?(): Promise<void>;
  /** Lets go of sockets and clients. */
  close?(): Promise<void>;
}

/** Saved groups (celery Backend.save_group). */
export interface GroupStore {
  save(groupId: string, group: ResultTuple, keeping?: Keeping): Promise<void>;
  restore(groupId: string): Promise<ResultTuple | undefined>;
  remove(groupId: string): Promise<void>;
}

/** Counts the parts of chords. A part is counted once however often it is told, and the body is due once. */
export interface ChordStore {
  /** Notes a chord before anything of its header is sent. Noting it again changes nothing. */
  begin(chord: ChordStart): Promise<void>;
  /** Counts a part that has ended, its own result being stored already. */
  count(part: ChordPart): Promise<ChordCount>;
  /** What the parts came to, in header order. Asked for when a count was `complete`. */
  join(complete: ChordComplete): Promise<ChordJoin>;
  /** The body was sent (the default), or has failed: parts told later change nothing. What parts of a failed one came to may be kept, as Celery does on Redis. */
  end(complete: ChordComplete, body?: 'sent' | 'failed'): Promise<void>;
  /** The body could not be sent: the next who tells a part is told that it is complete. */
  release?(complete: ChordComplete): Promise<void>;
  /** So many parts more than it began with (celery Task.add_to_chord). Absent where Celery's backend of that kind has none either. */
  grow?(groupId: string, part: ResultTuple): Promise<void>;
}

export interface ChordStart extends Keeping {
  readonly groupId: string;
  /** Ends to wait for: leaves, not members (a chain counts its last step, a nested group all of its members). */
  readonly size: number;
  /** The header's results, as their caller sees them. */
  readonly header: ResultTuple;
}

export interface ChordPart extends Keeping {
  readonly groupId: string;
  readonly taskId: string;
  readonly groupIndex: number | null;
  readonly state: State;
  /** The part's result as it is stored: an encoded exception where the state is one. */
  readonly result: unknown;
  /** The size that travels with the body of some senders (`chord_size`). */
  readonly size: number | undefined;
}

/** What is known of a chord whose parts are all in. */
export interface ChordComplete extends Keeping {
  readonly groupId: string;
  /** Whatever the store wants to be told again. */
  readonly claim?: string;
}

export type ChordCount =
  /** Parts are missing still. */
  | { readonly state: 'open' }
  /** All are in, and the body is the caller's to send. */
  | ({ readonly state: 'complete' } & ChordComplete)
  /** Somebody else is sending the body, or has. */
  | { readonly state: 'taken' }
  /** Nothing is known of it: it never began here, has ended long ago or was forgotten. */
  | { readonly state: 'unknown' };

export type ChordJoin =
  | { readonly ok: true; readonly results: readonly unknown[] }
  /** The first part, in header order, that failed: its result is an encoded exception. Where none did, the first whose result is not stored. */
  | { readonly ok: false; readonly taskId: string; readonly exception: unknown; readonly traceback: string | null };
