/** Which dead letters are meant: a filter checked and turned into a test. What is written wrongly is refused, for a purge follows. */

import { ImproperlyConfigured } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { DeadLetter } from './dead-letter-record.ts';
import { createRouteLookup } from './routes.ts';

/** Fields a dead letter must have, all of those given. */
export interface DeadLetterFields {
  readonly code?: string;
  /** Exact, a glob like `mail.*`, or a RegExp, as patterns of `taskRoutes`. */
  readonly task?: string | RegExp;
  readonly id?: string;
  /** The transport's own name of the queue it came from. */
  readonly queue?: string;
  /** First seen before this moment; a number is milliseconds since 1970. */
  readonly before?: Date | number;
  /** First seen at this moment or after it. */
  readonly after?: Date | number;
}

/** Fields, or a function; only `true` chooses a letter. */
export type DeadLetterFilter = DeadLetterFields | ((letter: DeadLetter) => boolean);

export type Matches = (letter: DeadLetter) => boolean;

/** One field's value as a test of letters, or undefined when it is not of its kind. */
type Rule = (value: unknown) => Matches | undefined;

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['code', equals((letter) => letter.code)],
  ['task', (value) => (typeof value === 'string' || value instanceof RegExp ? matchesTask(value) : undefined)],
  ['id', equals((letter) => letter.id)],
  ['queue', equals((letter) => letter.queue)],
  ['before', compares((seenMs, ms) => seenMs < ms)],
  ['after', compares((seenMs, ms) => seenMs >= ms)],
]);

/** Undefined when everything is meant: no filter, or one without fields. @throws ImproperlyConfigured */
export function compileFilter(filter: DeadLetterFilter | undefined): Matches | undefined {
  if (filter === undefined) return undefined;
  if (typeof filter === 'function') return (letter) => filter(letter) === true;
  if (typeof filter !== 'object' || filter === null) throw new ImproperlyConfigured('A filter of dead letters is an object or a function.');
  const tests = Object.entries(filter).map(([name, value]) => compileField(name, value));
  return tests.length === 0 ? undefined : (letter) => tests.every((test) => test(letter));
}

function compileField(name: string, value: unknown): Matches {
  const rule = RULES.get(name);
  if (rule === undefined) {
    throw new ImproperlyConfigured(`Dead letters are not filtered by '${name}'${nearest(name, [...RULES.keys()])}.`);
  }
  const test = rule(value);
  if (test === undefined) throw new ImproperlyConfigured(`The filter's '${name}' is ${String(value)}, which can match nothing.`);
  return test;
}

function equals(field: (letter: DeadLetter) => string | undefined): Rule {
  return (value) => (typeof value === 'string' ? (letter) => field(letter) === value : undefined);
}

/** A letter of unknown age is neither before nor after. */
function compares(holds: (seenMs: number, ms: number) => boolean): Rule {
  return (value) => {
    const ms = value instanceof Date ? value.getTime() : value;
    if (typeof ms !== 'number' || Number.isNaN(ms)) return undefined;
    return ({ firstSeenMs }) => firstSeenMs !== undefined && holds(firstSeenMs, ms);
  };
}

function matchesTask(pattern: string | RegExp): Matches {
  const lookup = createRouteLookup([[pattern, 'meant']]);
  return ({ task }) => task !== undefined && lookup(task, [], {}, {}) !== undefined;
}
