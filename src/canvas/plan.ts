/** What a canvas comes to once its ids are given: the chords to be noted, the tasks to be sent, and the results to be waited for. */

import type { SignatureData } from '../wire/message.ts';
import type { ResultTuple } from '../wire/result.ts';

/** Options as they stand in a signature, under Celery's own names. */
export type WireOptions = Readonly<Record<string, unknown>>;

/** One task to send. Its options are complete: ids, group, chord, and what is left of its chain, reversed as on the wire. */
export interface PlannedTask {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: WireOptions;
}

/** A chord to be noted before its header is sent. */
export interface PlannedChord {
  readonly groupId: string;
  readonly size: number;
  readonly header: ResultTuple;
  /** Its id is given. Sent along with each part; where no backend counts, with `celery.chord_unlock`. */
  readonly body: SignatureData;
  /** Seconds between looks of `celery.chord_unlock`, where the chord says so. */
  readonly interval?: number;
  readonly maxRetries?: number | null;
}

export interface Plan {
  /** Noted in this order, before anything is sent. */
  readonly chords: readonly PlannedChord[];
  /** Sent together, in this order. */
  readonly tasks: readonly PlannedTask[];
  /** What the caller waits for: a task's tuple, or a group's. */
  readonly result: ResultTuple;
  /** What a running task that sends this gains as children. */
  readonly children: readonly ResultTuple[];
}

/** How a canvas is called. */
export interface PlanCall {
  /** Put before the signature's own, unless it is immutable. */
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Merged over the signature's own. */
  readonly options?: WireOptions;
  /** Names what has no id yet. A worker names what it sends on after the task that sends it, so that a second delivery sends the same. */
  readonly newId: () => string;
  /** Stands in the option `reply_to` of what is frozen, where nothing else does, as Celery's id of the sending thread. */
  readonly replyTo?: string | undefined;
  /** Celery's setting task_allow_error_cb_on_chord_header; default false. */
  readonly errbacksOnChordHeader?: boolean;
}
