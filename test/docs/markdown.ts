/** Reads the documentation: its files, code blocks, links, headings and tables, and the regions of its examples. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** The text of a file, by its path in the repository. */
export const readFile = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Every Markdown file of the documentation. */
export function markdownFiles(): string[] {
  const paths = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`);
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...paths.filter((path) => path.endsWith('.md')).sort()];
}

/** A fenced block, without its fences. */
export interface Block {
  readonly file: string;
  /** Line of its opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

export function blocksOf(file: string): Block[] {
  const text = readFile(file);
  return Array.from(text.matchAll(/^```(\w*)\n([\s\S]*?)\n```$/gm), ({ 1: language = '', 2: inner = '', index }) => ({
    file,
    line: text.slice(0, index).split('\n').length,
    language,
    text: inner,
  }));
}

/** A piece of an example, between `// #region name` and `// #endregion`. */
export interface Region {
  readonly name: string;
  readonly text: string;
}

export function regionsOf(folder: string): Region[] {
  return readdirSync(join(root, folder)).flatMap((file) =>
    Array.from(
      readFile(`${folder}/${file}`).matchAll(/^\/\/ #region (\w+)\n([\s\S]*?)\n\/\/ #endregion$/gm),
      ({ 1: name, 2: text = '' }) => ({
        name: `${file}#${name}`,
        text,
      }),
    ),
  );
}

/** The prose of a file: its fenced blocks left out. */
const proseOf = (file: string): string => readFile(file).replace(/^```[\s\S]*?^```$/gm, '');

/** Links to other places than the web. */
export function linksOf(file: string): string[] {
  const links = Array.from(proseOf(file).matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
  return links.filter((link) => !/^https?:/.test(link));
}

/** Anchors of a file's headings, as GitHub makes them. */
export function anchorsOf(file: string): ReadonlySet<string> {
  const headings = Array.from(proseOf(file).matchAll(/^#+ (.+)$/gm), ([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** What stands in backticks. */
export const wordsIn = (text: string): string[] => Array.from(text.matchAll(/`([^`\n]+)`/g), ([, word = '']) => word);

/** The words in backticks of a file's prose. */
export const wordsOf = (file: string): string[] => wordsIn(proseOf(file));

/** Rows of all tables between a heading and the next, as cells, without the tables' own headings. */
export function rowsUnder(file: string, heading: string): string[][] {
  const lines = proseOf(file).split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`${file} has no heading '${heading}'.`);
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line));
  const section = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const isRule = (line: string | undefined): boolean => /^\| ---/.test(line ?? '');
  return section.filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(section[index + 1])).map(cellsOf);
}

const cellsOf = (row: string): string[] =>
  row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
