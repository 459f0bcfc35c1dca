/**
 * A signature: a task and some of its arguments, or a canvas of such, as a value (celery.canvas.Signature). Every method gives a new
 * one. What composing and sending mean is canvas/compose and canvas/planning.
 */

import { ImproperlyConfigured } from '../errors.ts';
import type { AsyncResult } from '../results/async-result.ts';
import type { GroupResult } from '../results/group-result.ts';
import type { SignatureData } from '../wire/message.ts';
import { type ApplyOptions, checkOptions } from './call-options.ts';
import { linked, linkedError, type PartialCall, pipe, stamped, withCall } from './compose.ts';
import type { WireOptions } from './plan.ts';
import type { StampingVisitor, Stamps } from './stamping.ts';
import {
  type AnyStep,
  type Args,
  type CallOf,
  type carried,
  dataOf,
  type Following,
  type HandleOfLast,
  type Lead,
  type ResultOfLast,
  type Sent,
  type Step,
  type Suffixes,
} from './step.ts';
import { toWireOptions } from './wire-options.ts';

export type { AnySignature } from './step.ts';

/** How a signature is called: arguments to put before its own, options over its own. */
export interface SignatureCall {
  readonly args: Args;
  readonly options: ApplyOptions;
}

/** Who sends a signature: the app of the task it was made from. */
export interface SignatureSender {
  /** Celery's setting task_allow_error_cb_on_chord_header. */
  readonly errbacksOnChordHeader: boolean;
  send(data: SignatureData, call: SignatureCall): Promise<AsyncResult | GroupResult>;
}

/**
 * A task and some of its arguments, to be sent, composed or handed over. `Open` are the arguments still missing at the front, `R` is
 * what comes out, `H` what sending gives. A value: every method gives a new signature and leaves this one as it is.
 *
 * @example const result = await add.s(2, 2).set({ countdown: 10 }).link(report.s()).applyAsync();
 */
export class Signature<in Open extends Args, out R, out H = AsyncResult<R>> implements Step<Open, R, H> {
  declare readonly [carried]: Step<Open, R, H>[typeof carried];
  readonly #data: SignatureData;
  readonly #sender: SignatureSender | undefined;

  /** Signatures come from `task.s()`, `app.signature()`, `chain()`, `group()` and `chord()`; the data are kept as they are. */
  constructor(data: SignatureData, sender: SignatureSender | undefined) {
    this.#data = data;
    this.#sender = sender;
  }

  /** Who sends what is composed of these: the app of the first one that has any. */
  static senderOf(signatures: readonly unknown[]): SignatureSender | undefined {
    for (const signature of signatures) {
      if (typeof signature === 'object' && signature !== null && #sender in signature && signature.#sender !== undefined)
        return signature.#sender;
    }
    return undefined;
  }

  /** The task's name; `celery.chain`, `celery.group` or `celery.chord` for a canvas. */
  get task(): string {
    return this.#data.task;
  }

  get args(): Args {
    return this.#data.args;
  }

  get kwargs(): Readonly<Record<string, unknown>> {
    return this.#data.kwargs;
  }

  /** Under Celery's own names. */
  get options(): WireOptions {
    return this.#data.options;
  }

  /** True for `si()`: it takes no result of a previous task. */
  get immutable(): boolean {
    return this.#data.immutable;
  }

  /** `chain`, `group`, `chord`, or null for a single task. */
  get subtaskType(): string | null {
    return this.#data.subtask_type;
  }

  /** As it stands on the wire. */
  toData(): SignatureData {
    return this.#data;
  }

  toJSON(): SignatureData {
    return this.#data;
  }

  /**
   * The same with arguments put before its own, and options over its own (celery Signature.clone, partial).
   *
   * @throws ImproperlyConfigured for an option that does not exist
   */
  partial<O extends Args, T extends Suffixes<O>>(
    this: Signature<O, unknown, unknown>,
    args: readonly [...T],
    options: ApplyOptions = {},
  ): Signature<Lead<O, T>, R, H> {
    const kwargs = (options.kwargs ?? {}) as SignatureData['kwargs'];
    const checked = withCall(this.#data, { options: optionsOf(options) });
    return this.#made(filled(checked, { args, kwargs })) as unknown as Signature<Lead<O, T>, R, H>;
  }

  /**
   * The same with options, replacing those of the same name (celery Signature.set).
   *
   * @throws ImproperlyConfigured for an option that does not exist
   */
  set(options: Omit<ApplyOptions, 'kwargs'>): this {
    return this.#with({ options: optionsOf(options) });
  }

  /** The same, taking no result of a previous task (celery Signature.set_immutable). All members of a group, the header of a chord. */
  setImmutable(): Signature<Args, R, H> {
    return this.#with({ immutable: true }) as Signature<never, R, H> as Signature<Args, R, H>;
  }

  /** The same, followed on success by callbacks that are given its result. Of a chain the last task has them, of a chord the body. */
  link(...callbacks: readonly Step<[result: Sent<R>], unknown, unknown>[]): this {
    return this.#made(fold(this.#data, callbacks, linked, 'link()'));
  }

  /** The same, followed by errbacks when it, or a part of it, has failed (celery Signature.link_error). */
  linkError(...errbacks: readonly AnyStep[]): this {
    const add = (data: SignatureData, errback: SignatureData) => linkedError(data, errback, this.#sender);
    return this.#made(fold(this.#data, errbacks, add, 'linkError()'));
  }

  /**
   * The same with stamps, which travel as headers with all of its tasks. They replace stamps of the same name, or with `append` become
   * a list of both (celery Signature.stamp).
   */
  stamp(stamps: Stamps | StampingVisitor, { append = false }: { readonly append?: boolean } = {}): this {
    return this.#made(stamped(this.#data, stamps, append));
  }

  /**
   * This and then those, each given the result of the one before it: Celery's `|`. A group followed by something is a chord.
   *
   * @example await add.s(2, 2).pipe(add.s(4), report.s()).applyAsync();
   */
  pipe<const N extends readonly [AnyStep, ...AnyStep[]]>(
    ...next: Following<N, Sent<R>>
  ): Signature<Open, ResultOfLast<N>, HandleOfLast<N>> {
    const add = (data: SignatureData, step: SignatureData) => pipe(data, step, this.#sender);
    return new Signature(fold(this.#data, next, add, 'pipe()'), this.#sender);
  }

  /**
   * Sends it, resolving once the transport has accepted all that goes out now. Arguments are put before its own.
   *
   * @throws EncodeError, MessageTooLarge, QueueNotFound, OperationalError, ImproperlyConfigured
   */
  async applyAsync<O extends Args>(
    this: Signature<O, unknown, unknown>,
    ...[args = [] as unknown as O, options = {}]: CallOf<O, ApplyOptions>
  ): Promise<H> {
    if (!Array.isArray(args)) throw new ImproperlyConfigured('applyAsync takes its arguments as an array, like applyAsync([2, 2]).');
    if (this.#sender === undefined) throw new ImproperlyConfigured('An empty group belongs to no app and cannot be sent.');
    return (await this.#sender.send(this.#data, { args, options })) as H;
  }

  /** `applyAsync` with nothing but arguments. */
  delay(...args: Open): Promise<H> {
    return (this as unknown as Signature<Args, R, H>).applyAsync(args);
  }

  #with(call: PartialCall): this {
    return this.#made(withCall(this.#data, call));
  }

  #made(data: SignatureData): this {
    return new (this.constructor as typeof Signature)(data, this.#sender) as unknown as this;
  }
}

function fold(
  start: SignatureData,
  signatures: readonly unknown[],
  add: (data: SignatureData, next: SignatureData) => SignatureData,
  where: string,
): SignatureData {
  return signatures.reduce((done: SignatureData, next) => add(done, dataOf(next, where)), start);
}

function optionsOf(options: ApplyOptions): WireOptions {
  checkOptions(options);
  return toWireOptions(options);
}

/** A chain and a group have no arguments of their own (Celery's `clone` drops them): those who are called with them have them. */
function filled(data: SignatureData, call: Pick<PartialCall, 'args' | 'kwargs'>): SignatureData {
  const isGroup = data.subtask_type === 'group';
  if (!isGroup && data.subtask_type !== 'chain') return withCall(data, call);
  const tasks = data.kwargs['tasks'] as readonly SignatureData[];
  return { ...data, kwargs: { tasks: tasks.map((task, at) => (isGroup || at === 0 ? filled(task, call) : task)) } };
}
