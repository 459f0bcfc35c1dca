/** A signature: a task and some of its arguments, as data that can be sent along (celery.canvas.Signature). Sends nothing itself. */

import type { SignatureData } from '../wire/message.ts';

declare const open: unique symbol;

/** Any signature, whatever it takes and gives. */
export interface AnySignature {
  toData(): SignatureData;
}

/** `Open` are the arguments still missing at the front, `R` is what the task returns. */
export class Signature<Open extends readonly unknown[], R> implements AnySignature {
  declare readonly [open]?: (args: Open) => R;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** True for `si()`: takes no result of a previous task. */
  readonly immutable: boolean;

  constructor(task: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>, immutable: boolean) {
    this.task = task;
    this.args = args;
    this.kwargs = kwargs;
    this.immutable = immutable;
  }

  toData(): SignatureData {
    return { task: this.task, args: this.args, kwargs: this.kwargs, options: {}, subtask_type: null, immutable: this.immutable };
  }

  toJSON(): SignatureData {
    return this.toData();
  }
}
