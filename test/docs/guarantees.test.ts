/** docs/guarantees.md names the tests of each promise: that these exist, and that no deliberate bug stands without its promise. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SABOTAGES } from '../simulation/sabotage/table.ts';
import { titlesIn } from './declarations.ts';
import { readFile, root, wordsIn } from './markdown.ts';

const PAGE = 'docs/guarantees.md';

interface Promised {
  readonly number: number;
  readonly text: string;
  /** A test by its title, and its file. */
  readonly tests: readonly (readonly [title: string, file: string])[];
  readonly bugs: readonly string[];
}

const promises: readonly Promised[] = readFile(PAGE)
  .split(/^## /m)
  .flatMap((text) => {
    const number = /^(\d+)\. /.exec(text)?.[1];
    return number === undefined ? [] : [promisedIn(Number(number), text)];
  });

function promisedIn(number: number, text: string): Promised {
  const tests = Array.from(text.matchAll(/\[`([^`\n]+)`\]\(\.\.\/([^)\s]+)\)/g), ([, title = '', file = '']) => [title, file] as const);
  return { number, text, tests, bugs: wordsIn(text.split('\nDeliberate bugs:')[1]?.replaceAll('\n', ' ') ?? '') };
}

describe('the promises', () => {
  it('are seventeen, in order', () => {
    expect(promises.map(({ number }) => number)).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
  });

  it.each(promises)('have tests that exist: $number', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    const missing = tests.filter(([title, file]) => !existsSync(join(root, file)) || !titlesIn(file).has(title));
    expect(missing).toEqual([]);
  });

  it.each(promises)('have the deliberate bugs that break them, and no others: $number', ({ number, bugs }) => {
    const breaking = SABOTAGES.filter(({ promise }) => promise === number).map(({ name }) => name);
    expect([...bugs].sort()).toEqual([...breaking].sort());
  });

  it('leave no deliberate bug without one', () => {
    const known = new Set(promises.map(({ number }) => number));
    expect(SABOTAGES.filter(({ promise }) => !known.has(promise)).map(({ name }) => name)).toEqual([]);
  });
});
