/** A task as its callers hold it: call it, send it, sign it. */

import type { ApplyOptions } from '../canvas/call-options.ts';
import { Chunks, mapped } from '../canvas/chunks.ts';
import { Signature, type SignatureSender } from '../canvas/signature.ts';
import { ImproperlyConfigured } from '../errors.ts';
import type { AsyncResult } from '../results/async-result.ts';
import type { TaskContext } from './context.ts';
import type { Task, TaskRef } from './definition.ts';
import type { Call } from './message-fields.ts';
import { bindArguments, type RegisteredTask } from './registry.ts';

/** How a task reaches the queue. */
export interface TaskSender {
  send(call: Call): Promise<AsyncResult>;
  /** The same for what is made of its signatures. */
  readonly signatures: SignatureSender;
}

type AnyRef = TaskRef<readonly unknown[], unknown, object>;
const NO_KWARGS: Readonly<Record<string, unknown>> = Object.freeze({});
const NO_OPTIONS: ApplyOptions = Object.freeze({});

/** The parts of a task that need no implementation; `registered` is absent for a task declared only. */
export function createTaskRef(name: string, sender: TaskSender, registered: RegisteredTask | undefined): AnyRef {
  const defaults = registered?.defaults;
  // No async function: what waits for its place in a loop of a million calls is to be small.
  const applyAsync = (args: readonly unknown[], options: ApplyOptions = NO_OPTIONS): Promise<AsyncResult> => {
    try {
      if (!Array.isArray(args))
        throw new ImproperlyConfigured(`${name}.applyAsync takes its arguments as an array, like applyAsync([2, 2]).`);
      const kwargs = (options.kwargs as Readonly<Record<string, unknown>> | undefined) ?? NO_KWARGS;
      if (registered !== undefined) bindArguments(registered, args, kwargs);
      return sender.send({ name, args, kwargs, options, defaults });
    } catch (error) {
      return Promise.reject(error);
    }
  };
  const { signatures } = sender;
  const sign = (args: readonly unknown[], immutable: boolean): Signature<never, unknown> =>
    new Signature({ task: name, args, kwargs: NO_KWARGS, options: NO_KWARGS, subtask_type: null, immutable }, signatures);
  return {
    name,
    applyAsync: applyAsync as AnyRef['applyAsync'],
    delay: ((...args: readonly unknown[]) => applyAsync(args)) as AnyRef['delay'],
    s: ((...args: readonly unknown[]) => sign(args, false)) as AnyRef['s'],
    si: ((...args: readonly unknown[]) => sign(args, true)) as AnyRef['si'],
    signature: ((args: readonly unknown[], options?: ApplyOptions) =>
      sign([], false).partial(args as never, options)) as AnyRef['signature'],
    map: ((items: readonly unknown[]) => new Signature(mapped('map', sign([], false), items), signatures)) as AnyRef['map'],
    starmap: ((items: readonly unknown[]) => new Signature(mapped('starmap', sign([], false), items), signatures)) as AnyRef['starmap'],
    chunks: ((items: readonly unknown[], size: number) => Chunks.of(sign([], false), items, size, signatures)) as AnyRef['chunks'],
  };
}

/** A task implemented here: its function, with the parts of a reference on it. */
export function createTask(
  registered: RegisteredTask,
  sender: TaskSender,
  directContext: () => TaskContext,
): Task<readonly unknown[], unknown> {
  const call =
    registered.defaults.bind === true
      ? (...args: readonly unknown[]) => registered.run(directContext(), ...args)
      : registered.run.bind(undefined);
  const { name, ...parts } = createTaskRef(registered.name, sender, registered);
  // A function's own `name` is read-only: it is defined, the rest is assigned.
  Object.defineProperty(call, 'name', { value: name, enumerable: true });
  Object.assign(call, parts);
  return call as unknown as Task<readonly unknown[], unknown>;
}
