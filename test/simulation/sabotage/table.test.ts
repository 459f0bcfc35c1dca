import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { workloadNamed } from '../workloads/workloads.ts';
import { withFault } from './seam.ts';
import { SABOTAGES } from './table.ts';

/** Where rules are broken. */
const SOURCES = ['rules.ts', 'book.ts', 'fences.ts', 'life.ts', 'world.ts'];

describe('a deliberate fault', () => {
  it.each(SABOTAGES.map((one) => [one.name, one] as const))('has its place: %s', (_name, one) => {
    expect(withFault(one)).toContain(one.replace);
  });

  it('has a name of its own, and there are at least 40 of them', () => {
    expect(new Set(SABOTAGES.map(({ name }) => name)).size).toBe(SABOTAGES.length);
    expect(SABOTAGES.length).toBeGreaterThanOrEqual(40);
  });

  it('names rules that there are, and workloads that there are', () => {
    const source = SOURCES.map((file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).join('');
    const isThere = (rule: string): boolean => source.includes(`'${rule}'`) || source.includes(`"${rule}"`);
    expect(SABOTAGES.flatMap(({ by }) => by).filter((rule) => !isThere(rule))).toEqual([]);
    expect(SABOTAGES.filter(({ by }) => by.length === 0)).toEqual([]);
    expect(SABOTAGES.flatMap(({ shows }) => shows).filter((name) => workloadNamed(name).name !== name)).toEqual([]);
  });
});
