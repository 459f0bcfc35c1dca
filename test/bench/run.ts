/**
 * `npm run bench -- [question …] [--json file] [--compare file] [--markdown] [--targets-only] [--rounds n] [--long]`.
 * All questions unless some are named; times are this machine's, ratios are what can be compared. `--markdown` renews
 * docs/performance.md; what this run has not asked for it takes from the report to compare with.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { canvas } from './canvas.ts';
import { cold } from './cold.ts';
import { consume } from './consume.ts';
import { encode } from './encode.ts';
import { first } from './first.ts';
import { heap } from './heap.ts';
import { renewed } from './markdown.ts';
import type { Options, Question } from './question.ts';
import { completed, createReport, readReport } from './report.ts';
import { send } from './send.ts';
import { formatTable, type Table } from './table.ts';

const QUESTIONS: ReadonlyMap<string, Question> = new Map([
  ['consume', consume],
  ['encode', encode],
  ['send', send],
  ['first', first],
  ['canvas', canvas],
  ['cold', cold],
  ['heap', heap],
]);

const PAGE = join(import.meta.dirname, '../../docs/performance.md');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    compare: { type: 'string' },
    markdown: { type: 'boolean', default: false },
    'targets-only': { type: 'boolean', default: false },
    rounds: { type: 'string' },
    long: { type: 'boolean', default: false },
  },
});

const questions = (positionals.length > 0 ? positionals : [...QUESTIONS.keys()]).map((name) => {
  const ask = QUESTIONS.get(name);
  if (ask === undefined) throw new Error(`There is no question '${name}'; there are ${[...QUESTIONS.keys()].join(', ')}.`);
  return ask;
});
const rounds = values.rounds === undefined ? (values.long ? 31 : undefined) : Number(values.rounds);
const options: Options = { rounds, targetsOnly: values['targets-only'], long: values.long };
const old = values.compare === undefined ? undefined : readReport(readFileSync(values.compare, 'utf8'));
if (old !== undefined) console.log(`compared with a run on ${old.machine}\n`);

const tables: Table[] = [];
for (const ask of questions) {
  for (const table of await ask(options)) {
    tables.push(table);
    const before = old?.tables.find(({ key }) => key === table.key);
    console.log(`${formatTable(table, before)}\n`);
  }
}
const report = createReport(tables);
console.log(`measured on ${report.machine}`);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(report, null, 1));
if (values.markdown) writeFileSync(PAGE, renewed(readFileSync(PAGE, 'utf8'), completed(report, old)));
