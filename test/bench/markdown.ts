/** docs/performance.md as the last run has it: the parts between `<!-- name -->` and `<!-- /name -->` are written by `--markdown`. */

import { figuresMarkdown } from './figures.ts';
import type { Report } from './report.ts';
import { markdownTable } from './table.ts';

/** Puts `text` between the marks of a part. Throws when they are not there. */
export function replacePart(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from === -1 || to < from) throw new Error(`The page has no part '${name}', which is between ${open} and ${close}.`);
  return `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** The page with all its parts of this run. */
export function renewed(page: string, report: Report): string {
  const parts: [string, string][] = [
    ['machine', `${report.machine}.`],
    ['figures', figuresMarkdown(report)],
    ['tables', report.tables.map((table) => `**${table.key}**: ${table.title}\n\n${markdownTable(table)}`).join('\n\n')],
  ];
  return parts.reduce((text, [name, part]) => replacePart(text, name, part), page);
}
