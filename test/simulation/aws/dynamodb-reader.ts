/** Expressions as words, and what is common to all of them: paths, `#names` and `:values`. DynamoDB's reserved words are not known here. */

import type { SimItem, SimValue } from './contract.ts';
import type { Path } from './dynamodb-paths.ts';
import { invalid } from './dynamodb-values.ts';

/** What an expression is evaluated over. */
export interface Scope {
  readonly item: SimItem;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, SimValue>>;
}

export type PathOf = (names: Scope['names']) => Path;

const WORD = /\s*(?:([#:]?[A-Za-z0-9_]+)|(<>|<=|>=|[=<>()[\],.+-]))/y;
const BARE_NAME = /^[A-Za-z_]\w*$/;

export interface Reader {
  readonly usedNames: ReadonlySet<string>;
  readonly usedValues: ReadonlySet<string>;
  /** The next word, not taken; empty at the end. */
  peek(ahead?: number): string;
  take(): string;
  /** Takes the word if it comes next; keywords in any case. */
  accept(word: string): boolean;
  expect(word: string): void;
  path(): PathOf;
  /** The `:value` that comes next. */
  value(): (scope: Scope) => SimValue;
  end(): void;
  fail(): never;
}

export function createReader(text: string): Reader {
  const words = wordsOf(text);
  const usedNames = new Set<string>();
  const usedValues = new Set<string>();
  let at = 0;
  const peek = (ahead = 0): string => words[at + ahead] ?? '';
  const take = (): string => words[at++] ?? '';
  const fail = (): never => {
    throw invalid(
      `Invalid expression: Syntax error; token: "${peek() || '<EOF>'}", near: "${words.slice(Math.max(0, at - 1), at + 2).join(' ')}"`,
    );
  };
  const accept = (word: string): boolean => {
    if (peek().toUpperCase() !== word) return false;
    at += 1;
    return true;
  };
  const expect = (word: string): void => {
    if (!accept(word)) fail();
  };
  const name = (): string => {
    const word = peek();
    if (word.startsWith('#')) usedNames.add(word);
    else if (!BARE_NAME.test(word)) fail();
    return take();
  };
  return {
    usedNames,
    usedValues,
    peek,
    take,
    accept,
    expect,
    fail,
    path() {
      const steps: (string | number)[] = [name()];
      for (;;) {
        if (accept('.')) steps.push(name());
        else if (accept('[')) {
          if (!/^\d+$/.test(peek())) fail();
          steps.push(Number(take()));
          expect(']');
        } else break;
      }
      return toPath(steps);
    },
    value() {
      const word = peek();
      if (!word.startsWith(':')) fail();
      usedValues.add(take());
      return ({ values }) => values[word]!;
    },
    end() {
      if (at < words.length) fail();
    },
  };
}

/** Names are known when the expression is used: one without any is the same each time. */
function toPath(steps: Path): PathOf {
  if (!steps.some((step) => typeof step === 'string' && step.startsWith('#'))) return () => steps;
  return (names) => steps.map((step) => (typeof step === 'string' && step.startsWith('#') ? names[step]! : step));
}

function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  WORD.lastIndex = 0;
  const end = text.trimEnd().length;
  if (end === 0) throw invalid('Invalid expression: The expression can not be empty;');
  for (let at = 0; at < end; at = WORD.lastIndex) {
    const found = WORD.exec(text);
    if (found === null) throw invalid(`Invalid expression: Syntax error; token: "${text.slice(at).trimStart()[0]}"`);
    words.push(found[1] ?? found[2]!);
  }
  return words;
}
