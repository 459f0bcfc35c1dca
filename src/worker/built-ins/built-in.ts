/** What the built-in tasks are made of, and how they find their arguments. */

import type { TaskContext } from '../../app/context.ts';
import { currentRun } from '../../app/current.ts';
import type { TaskDefaults } from '../../app/options.ts';
import type { SignatureData } from '../../wire/message.ts';
import { readSignature } from '../../wire/signature.ts';
import type { Sending } from '../sending.ts';
import type { WorkerParts } from '../worker-parts.ts';

type Kwargs = Readonly<Record<string, unknown>>;

export interface BuiltInTask {
  readonly defaults?: TaskDefaults;
  /** Called like any bound task with `kwargs: true`: the keywords come last. */
  run(self: TaskContext, ...args: readonly [...positional: readonly unknown[], kwargs: Kwargs]): unknown;
}

export type BuiltIn = (parts: WorkerParts) => BuiltInTask;

/** Arguments by name, however they were passed. */
export class Given {
  readonly #args: readonly unknown[];
  readonly #kwargs: Kwargs;
  readonly #names: readonly string[];

  /** @param given what a built-in is called with, after `self` */
  constructor(given: readonly unknown[], names: readonly string[]) {
    this.#args = given.slice(0, -1);
    this.#kwargs = given.at(-1) as Kwargs;
    this.#names = names;
  }

  /** Undefined for what is not given or null. */
  get(name: string): unknown {
    const place = this.#names.indexOf(name);
    const value = place < this.#args.length ? this.#args[place] : Object.hasOwn(this.#kwargs, name) ? this.#kwargs[name] : undefined;
    return value ?? undefined;
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  /** @throws TypeError for anything but an array */
  array(name: string): readonly unknown[] {
    const value = this.get(name);
    if (Array.isArray(value)) return value;
    throw new TypeError(`'${name}' must be a list`);
  }

  /** @throws InvalidTaskError for what is no signature */
  signature(name: string): SignatureData {
    return readSignature(this.get(name));
  }
}

/** What a built-in sends is sent on behalf of its run. */
export const sendingFor = (parts: WorkerParts): Sending => ({ parts, run: currentRun()! });
