/** createDeadLetters: what lies in a dead-letter queue can be read, sent back, or thrown away, over any transport with an inbox. */

import { ImproperlyConfigured } from '../errors.ts';
import type { App } from './app.ts';
import type { DeadLetterFilter } from './dead-letter-filter.ts';
import type { DeadLetter } from './dead-letter-record.ts';
import { type Graveyard, open, purge, read, redrive } from './dead-letter-runs.ts';

export type { DeadLetterFields, DeadLetterFilter } from './dead-letter-filter.ts';
export type { DeadLetter } from './dead-letter-record.ts';

export interface DeadLettersOptions {
  /** The dead-letter queue as Celery names it; default the setting `deadLetterQueue`. */
  readonly queue?: string;
  /** Where messages are sent back to that SQS moved itself, which say nothing of their queue; default `taskDefaultQueue`. */
  readonly sourceQueue?: string;
}

export interface ReadDeadLetters {
  /** Default: all. */
  readonly filter?: DeadLetterFilter;
  /** Most letters of this run; default 100. */
  readonly limit?: number;
  /** How long a letter is hidden from others unless the run ends before; default 30. */
  readonly hideSeconds?: number;
}

export interface RedriveDeadLetters {
  /** Default: all. */
  readonly filter?: DeadLetterFilter;
  /** Most letters of this run; default all. */
  readonly limit?: number;
  /** Default `reset`: the task has all its retries again. */
  readonly retries?: 'keep' | 'reset';
  /** Another queue than the one they came from, as Celery names it. */
  readonly queue?: string;
}

export interface PurgeDeadLetters {
  readonly filter?: DeadLetterFilter;
  /** Most letters of this run; default all. */
  readonly limit?: number;
  /** Needed where there is no filter. */
  readonly all?: true;
}

/** Each run deals with what was there when it began, and with no message twice. All reject as the transport's inbox does. */
export interface DeadLetters {
  /**
   * Shows the letters and leaves them where they are: all are given back when the iteration ends, breaks or throws.
   *
   * @throws ImproperlyConfigured
   */
  read(options?: ReadDeadLetters): AsyncIterable<DeadLetter>;
  /**
   * Sends letters back under their ids, and acknowledges each once it was accepted: a crash in between duplicates, never loses.
   * `skipped` did not match the filter; `failed` could not be sent and were left.
   *
   * @throws ImproperlyConfigured
   */
  redrive(options?: RedriveDeadLetters): Promise<{ redriven: number; skipped: number; failed: number }>;
  /** Deletes letters for good. @throws ImproperlyConfigured without a filter, unless `all` is true */
  purge(options: PurgeDeadLetters): Promise<{ purged: number }>;
}

/**
 * The dead letters of an app.
 *
 * @example const { redriven } = await createDeadLetters(app).redrive({ filter: { task: 'mail.*' } });
 * @throws ImproperlyConfigured when there is no dead-letter queue
 */
export function createDeadLetters(app: App, options: DeadLettersOptions = {}): DeadLetters {
  const queue = options.queue ?? app.settings.deadLetterQueue;
  if (queue === null) {
    throw new ImproperlyConfigured('There is no dead-letter queue; set deadLetterQueue, or name one: createDeadLetters(app, { queue }).');
  }
  const graveyard: Graveyard = { app, queue, sourceQueue: options.sourceQueue ?? app.settings.taskDefaultQueue };
  return {
    read: ({ filter, limit = 100, hideSeconds = 30 } = {}) => read(open(graveyard, filter, limit), hideSeconds),
    async redrive({ filter, limit, retries = 'reset', queue: elsewhere } = {}) {
      if (!['keep', 'reset'].includes(retries)) throw new ImproperlyConfigured(`retries is ${retries}; expected 'keep' or 'reset'.`);
      return await redrive(open(graveyard, filter, limit), retries, elsewhere);
    },
    async purge({ filter, limit, all }) {
      const opened = open(graveyard, filter, limit);
      if (opened.matches === undefined && all !== true) {
        throw new ImproperlyConfigured('A purge deletes for good; it needs a filter, or all: true.');
      }
      return await purge(opened);
    },
  };
}
