/** The built-in tasks that send nothing. */

import type { BuiltIn } from './built-in.ts';

/** What it was called with, or one of it: the end of a group that took a task's place (celery.accumulate). */
export const accumulate: BuiltIn = () => ({
  run(_self, ...given) {
    const args = given.slice(0, -1);
    const { index } = given.at(-1) as { readonly index?: unknown };
    if (index === undefined || index === null) return args;
    const place = Number(index) < 0 ? args.length + Number(index) : Number(index);
    if (!(place in args)) throw new PythonError('IndexError', 'tuple index out of range');
    return args[place];
  },
});

/** Removes expired results, where the backend does not by itself. */
export const backendCleanup: BuiltIn = ({ backend }) => ({
  async run() {
    await backend?.cleanup?.();
  },
});

/** `celery.chain` is the name of a signature and no task. */
export const notATask: BuiltIn = () => ({
  run() {
    throw new PythonError('NotImplementedError', 'chain is not a real task');
  },
});

/** An error that Python's readers rebuild as the one Celery's own task raises. */
class PythonError extends Error {
  readonly excType: string;
  readonly excModule = 'builtins';
  constructor(excType: string, message: string) {
    super(message);
    this.name = excType;
    this.excType = excType;
  }
}
