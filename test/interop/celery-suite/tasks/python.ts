/** What the tasks need of Python: its `+` and `sum`, and errors of its classes. */

import { RemoteError } from '../../../../src/index.ts';

/** Full names of the tasks here. */
export const nameOf = (task: string): string => `t.integration.tasks.${task}`;

/** Python's `+` for what the tests add. @throws TypeError, as Python does */
export function plus(x: unknown, y: unknown): unknown {
  if (typeof x === 'number' && typeof y === 'number') return x + y;
  if (typeof x === 'string' && typeof y === 'string') return x + y;
  if (Array.isArray(x) && Array.isArray(y)) return [...x, ...y];
  throw new TypeError(`unsupported operand type(s) for +: '${typeof x}' and '${typeof y}'`);
}

export function sum(values: unknown): unknown {
  if (!Array.isArray(values)) throw new TypeError(`'${typeof values}' object is not iterable`);
  return values.reduce<unknown>((total, value) => plus(total, value), 0);
}

export class ValueError extends RemoteError {
  constructor(...excArgs: readonly unknown[]) {
    super({ excType: 'ValueError', excModule: 'builtins', excArgs });
  }
}

/** The suite's own exceptions. */
export class SuiteError extends RemoteError {
  constructor(excType: 'ExpectedException' | 'UnpickleableException', ...excArgs: readonly unknown[]) {
    super({ excType, excModule: 't.integration.tasks', excArgs });
  }
}
