/** Name to task, where the types of tasks end: everything above sees one plain shape. */

import { AlreadyRegistered, ImproperlyConfigured } from '../errors.ts';
import type { UniqueOptions } from './definition.ts';
import type { TaskDefaults } from './options.ts';
import { sensitivePaths } from './sensitive.ts';

/** A task with its generics erased. */
export interface RegisteredTask {
  readonly name: string;
  readonly defaults: TaskDefaults;
  /** Names of the positional parameters, where declared. */
  readonly params: readonly string[] | undefined;
  /** Positional arguments without which a call fails, `self` and the keywords object not counted. */
  readonly required: number;
  readonly run: (...args: readonly unknown[]) => unknown;
  readonly unique?: UniqueOptions<readonly never[]> | undefined;
}

/** A function of unknown parameters, as the registry keeps it. */
export type AnyFunction = (...args: readonly never[]) => unknown;

export interface TaskSpec extends TaskDefaults {
  readonly params?: readonly string[];
  readonly unique?: UniqueOptions<readonly never[]>;
}

/** The tasks of one app, by exact name. A Map, for a task may be called `constructor`. */
export class Registry {
  readonly #tasks = new Map<string, RegisteredTask>();

  get size(): number {
    return this.#tasks.size;
  }

  get(name: string): RegisteredTask | undefined {
    return this.#tasks.get(name);
  }

  names(): readonly string[] {
    return [...this.#tasks.keys()];
  }

  /** @throws AlreadyRegistered when the name is taken, ImproperlyConfigured when the declaration contradicts itself. */
  add(name: string, spec: TaskSpec, run: AnyFunction): RegisteredTask {
    if (typeof name !== 'string' || name === '') throw new ImproperlyConfigured('A task needs a name, like app.task("mail.send", fn).');
    if (typeof run !== 'function')
      throw new ImproperlyConfigured(`The task '${name}' has no function; call app.task(name, [options], fn).`);
    if (this.#tasks.has(name)) {
      throw new AlreadyRegistered(`There is a task '${name}' already. Names are unique within an app; import the shared module once.`);
    }
    if (spec.params !== undefined && spec.kwargs === true) {
      throw new ImproperlyConfigured(`The task '${name}' has both params and kwargs: true. Keywords reach a task one way or the other.`);
    }
    const { params, unique, ...given } = spec;
    const defaults = spec.sensitive === undefined ? given : { ...given, sensitive: sensitivePaths(name, spec) };
    if (unique !== undefined && !isUnique(unique)) {
      throw new ImproperlyConfigured(
        `The option unique of the task '${name}' is { for: seconds above 0, key?: function, otherwise?: 'refuse' | 'return' }.`,
      );
    }
    const hidden = (spec.bind === true ? 1 : 0) + (spec.kwargs === true ? 1 : 0);
    const task = { name, defaults, params, required: Math.max(0, run.length - hidden), run: run as RegisteredTask['run'], unique };
    this.#tasks.set(name, task);
    return task;
  }
}

function isUnique(unique: UniqueOptions<readonly never[]> | null): boolean {
  const { for: seconds, key, otherwise = 'refuse', ...rest } = unique ?? { for: 0 };
  const isKey = key === undefined || typeof key === 'function';
  return Number.isFinite(seconds) && seconds > 0 && isKey && ['refuse', 'return'].includes(otherwise) && Object.keys(rest).length === 0;
}

/** The arguments of the function call, keywords placed as the task declared them, `self` left out. @throws TypeError as Python would */
export function bindArguments(
  task: RegisteredTask,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  if (task.defaults.kwargs !== true) return withParams(task, args, kwargs);
  if (args.length < task.required) throw missing(task, args.length);
  return [...args, kwargs];
}

function withParams(task: RegisteredTask, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { params } = task;
  if (params !== undefined && args.length > params.length) {
    throw new TypeError(`${task.name}() takes ${params.length} positional arguments but ${args.length} were given`);
  }
  let bound: readonly unknown[] = args;
  for (const name in kwargs) {
    if (!Object.hasOwn(kwargs, name)) continue;
    const place = params?.indexOf(name) ?? -1;
    if (place < 0) throw new TypeError(`${task.name}() got an unexpected keyword argument '${name}'`);
    if (place < args.length) throw new TypeError(`${task.name}() got multiple values for argument '${name}'`);
    if (bound === args) bound = [...args];
    (bound as unknown[])[place] = kwargs[name];
  }
  for (let place = args.length; place < task.required; place++) if (!(place in bound)) throw missing(task, place);
  return bound;
}

const missing = (task: RegisteredTask, place: number): TypeError =>
  new TypeError(`${task.name}() missing required positional argument: '${task.params?.[place] ?? `#${place + 1}`}'`);
