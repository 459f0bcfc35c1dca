/** Rules over the files themselves: how long, what called, and what src never contains. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const MAX_LINES = 300;

/** Programs of their own, which have no other way to be told anything, and what stands in for the SDK, which reads it as well. */
const READS_ENVIRONMENT = ['src/local/invoker.ts', 'src/local/ric-shim.ts', 'src/transports/sqs-fetch/environment.ts'];

/** Every file under a folder, as paths from the repository's root. */
function filesUnder(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  );
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const isCode = (path: string): boolean => /\.[cm]?[jt]s$/.test(path);
const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
const matching = (paths: readonly string[], pattern: RegExp): string[] => paths.filter((path) => pattern.test(read(path)));

describe('files', () => {
  it(`are at most ${MAX_LINES} lines long, unless a decision note names them`, () => {
    const decisions = filesUnder('docs/decisions').map(read).join('\n');
    const long = filesUnder('src', 'handlers', 'infra')
      .filter(isCode)
      .filter((path) => linesOf(read(path)) > MAX_LINES && !decisions.includes(path));
    expect(long).toEqual([]);
  });

  it('and folders are called after what is in them', () => {
    const paths = filesUnder('src', 'handlers', 'infra', 'docs', 'test');
    const vague = /(^|\/)(utils?|helpers?|common|misc|types)(\/|\.[^/]*$)/;
    // The one folder house rules give that name: tests of the types.
    const excused = /^test\/types\/[^/]+$/;
    expect(paths.filter((path) => vague.test(path) && !excused.test(path))).toEqual([]);
  });
});

describe('src', () => {
  const sources = filesUnder('src').filter(isCode);

  it('is written in TypeScript only', () => {
    expect(filesUnder('src').filter((path) => !path.endsWith('.ts'))).toEqual([]);
  });

  it('reads no environment, but in these files', () => {
    expect(matching(sources, /\bprocess\s*(\??\.\s*env\b|(\?\.)?\[\s*['"]env)/).sort()).toEqual(READS_ENVIRONMENT);
  });

  it('has no default exports', () => {
    expect(matching(sources, /^\s*export\s+default\b|\bas\s+default\b/m)).toEqual([]);
  });

  it('opens each file with what it owns', () => {
    expect(sources.filter((path) => !/^(?:#!.*\n)?\/\*\*/.test(read(path)))).toEqual([]);
  });
});
