/**
 * `npm run bench -- [question …] [--json file] [--compare file] [--markdown] [--targets-only] [--rounds n] [--long]`.
 * All questions unless some are named; times are this machine's, ratios are what can be compared.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { canvas } from './canvas.ts';
import { cold } from './cold.ts';
import { consume } from './consume.ts';
import { encode } from './encode.ts';
import { first } from './first.ts';
import { heap } from './heap.ts';
import type { Options, Question } from './question.ts';
import { send } from './send.ts';
import { formatTable, type Table } from './table.ts';

const QUESTIONS: ReadonlyMap<string, Question> = new Map([
  ['consume', consume],
  ['encode', encode],
  ['send', send],
  ['canvas', canvas],
  ['first', first],
  ['cold', cold],
  ['heap', heap],
]);

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

const old: readonly Table[] = values.compare === undefined ? [] : JSON.parse(readFileSync(values.compare, 'utf8'));
const options: Options = {
  targetsOnly: values['targets-only'],
  long: values.long,
  ...(values.rounds !== undefined && { rounds: Number(values.rounds) }),
};

const tables: Table[] = [];
for (const name of positionals.length > 0 ? positionals : QUESTIONS.keys()) {
  const ask = QUESTIONS.get(name);
  if (ask === undefined) throw new Error(`There is no question '${name}'; there are ${[...QUESTIONS.keys()].join(', ')}.`);
  for (const table of await ask(options)) {
    tables.push(table);
    const before = old.find(({ key }) => key === table.key);
    console.log(`${formatTable(table, before)}\n`);
  }
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(tables, null, 1));
