/** What the command line asks for. */

import { parseArgs } from 'node:util';

export interface Options {
  /** Who runs the tasks: Celery's own worker, our poller, or our handler behind the event source mapping. */
  readonly worker: 'celery' | 'poller' | 'lambda';
  readonly backend: 'redis' | 'dynamodb';
  /** Only as much as takes a few minutes. */
  readonly quick: boolean;
  /** pytest's expression of which tests to run. */
  readonly expression: string | undefined;
  /** Processes that share the tests out between them. */
  readonly shards: number;
}

/** @throws Error for what it does not know */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      baseline: { type: 'boolean', default: false },
      worker: { type: 'string', default: 'poller' },
      backend: { type: 'string', default: 'redis' },
      quick: { type: 'boolean', default: false },
      shards: { type: 'string', default: '3' },
      expression: { type: 'string', short: 'k' },
    },
  });
  const { baseline, quick, expression } = values;
  const shards = Number(values.shards);
  if (!(Number.isInteger(shards) && shards > 0)) throw new Error(`--shards ${values.shards}: expected an integer above 0`);
  return {
    worker: baseline ? 'celery' : oneOf('--worker', values.worker, ['celery', 'poller', 'lambda']),
    backend: oneOf('--backend', values.backend, ['redis', 'dynamodb']),
    quick,
    expression,
    shards,
  };
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new Error(`${option} ${value}: expected ${allowed.join(' or ')}`);
  return found;
}
