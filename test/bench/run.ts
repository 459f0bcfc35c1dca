/**
 * `npm run bench -- [consume|publish|cold …] [--json file] [--compare file] [--targets-only] [--rounds n]`.
 * All questions unless some are named; times are this machine's, ratios are what can be compared.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cold } from './cold.ts';
import { consume } from './consume.ts';
import { publish } from './publish.ts';
import { formatTable, type Table } from './table.ts';

const QUESTIONS = new Map([
  ['consume', consume],
  ['publish', publish],
  ['cold', cold],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    compare: { type: 'string' },
    'targets-only': { type: 'boolean', default: false },
    rounds: { type: 'string' },
  },
});

const old: readonly Table[] = values.compare === undefined ? [] : JSON.parse(readFileSync(values.compare, 'utf8'));
const options = { targetsOnly: values['targets-only'], ...(values.rounds !== undefined && { rounds: Number(values.rounds) }) };

const tables: Table[] = [];
for (const name of positionals.length > 0 ? positionals : QUESTIONS.keys()) {
  const ask = QUESTIONS.get(name);
  if (ask === undefined) throw new Error(`There is no question '${name}'; there are ${[...QUESTIONS.keys()].join(', ')}.`);
  for (const table of await ask(options)) {
    tables.push(table);
    console.log(
      `${formatTable(
        table,
        old.find(({ key }) => key === table.key),
      )}\n`,
    );
  }
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(tables, null, 1));
