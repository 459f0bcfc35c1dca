/** What passes between running and settling: a message on its way, and how it ended. */

import type { TaskContext } from '../app/context.ts';
import type { CurrentRun } from '../app/current.ts';
import type { RegisteredTask } from '../app/registry.ts';
import type { Disposition } from './disposition.ts';
import type { End } from './remembered.ts';
import type { Request } from './request.ts';
import type { WorkerParts } from './worker-parts.ts';

/** The state of a run that was left, for there was no time for it: its function was not called. */
export const NOT_STARTED = 'NOT_STARTED';

/** How a delivery ended: what the door does with it, and what the log says. */
export interface Settled {
  readonly disposition: Disposition;
  readonly state: string;
  readonly error?: unknown;
  /** Attempts already made, where the message itself does not say: those held back on a FIFO queue. */
  readonly retries?: number;
  /** True for an error the task announces in `throws`: no cause for alarm. */
  readonly isExpected?: boolean;
  /** True where the end could not be stored, or the next attempt not sent: the message is given back and has not ended. */
  readonly isOpen?: boolean;
}

/** What is settled, and with what. `task` is undefined for a name nobody registered. */
export interface Settling {
  readonly task: RegisteredTask | undefined;
  readonly request: Request;
  readonly run: CurrentRun;
  readonly parts: WorkerParts;
  /** What an idempotent task runs under. */
  readonly claim?: {
    /** Settles the end, if it is still this attempt's to settle. */
    conclude(settling: Settling, end: End): Promise<Settled>;
    /** Lets the task commit through its `self`. */
    offer(self: TaskContext): void;
  };
}
