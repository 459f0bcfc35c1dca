/**
 * What does a cold start cost? The bundled functions, minified and split as they are deployed, imported in a fresh process, and the
 * worker's first invocation with ten recorded messages; under Lambda's own runtime client too, where CELERIAC_RIC_DIR names its folder.
 * An import is told over that of an empty handler, in imports of node:crypto (3 to 4 ms); an invocation in those of the bare loop.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundle, root } from '../../infra/bundle.ts';
import { reachable } from '../../infra/package.ts';
import { startLambda } from '../../src/local/lambda-function.ts';
import { ricDir } from '../support/ric.ts';
import { type Contender, MEASURED_HANDLER, plainly, type Start, type Starts, startInTurns, toStart, writeMeasured } from './cold-start.ts';
import { eventOf } from './messages.ts';
import type { Question } from './question.ts';
import { noiseOf, toRow } from './statistics.ts';
import type { Table } from './table.ts';

const EMPTY = 'export const handler = async () => ({ batchItemFailures: [] });';

const CRYPTO = `import 'node:crypto';${EMPTY}`;

const MIDDY = `import middy from '@middy/core';export const handler = middy(async () => ({ batchItemFailures: [] }));`;

/** The bare loop of consume-contenders.ts, as a module that imports nothing. */
const BARE_LOOP = `
const parse = (text) => {
  const envelope = JSON.parse(Buffer.from(text, 'base64').toString());
  return JSON.parse(Buffer.from(envelope.body, 'base64').toString());
};
const task = async (x, y) => x + y;
export const handler = async (event) => {
  const batchItemFailures = [];
  for (const record of event.Records) {
    try {
      const [args] = parse(record.body);
      const value = await task(...args);
      process.stdout.write(JSON.stringify({ message: 'done', messageId: record.messageId, value }) + '\\n');
    } catch {
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
};`;

/** What the deployed functions are compared with, by file; middy's has to be bundled first. */
const SOURCES = new Map([
  ['empty.mjs', EMPTY],
  ['empty-again.mjs', EMPTY],
  ['crypto.mjs', CRYPTO],
  ['bare-loop.mjs', BARE_LOOP],
]);

const BACKEND = { RESULTS_TABLE: 'celery' };

const CONTENDERS: readonly Contender[] = [
  { name: 'empty handler', file: 'empty.mjs', isInvoked: false },
  { name: 'node:crypto', file: 'crypto.mjs', isInvoked: false },
  { name: 'bare loop', file: 'bare-loop.mjs', isInvoked: true },
  { name: 'celeriac worker', file: 'worker.mjs', isInvoked: true },
  { name: 'worker, DynamoDB backend', file: 'worker.mjs', env: BACKEND, isInvoked: false },
  { name: 'middy alone', file: 'middy.mjs', isInvoked: false },
  { name: 'enqueue', file: 'enqueue.mjs', isInvoked: false },
  { name: 'dead-letter', file: 'dead-letter.mjs', isInvoked: false },
  { name: 'empty handler again', file: 'empty-again.mjs', isInvoked: false },
];

const TARGETED = 5;

export const cold: Question = async ({ rounds = 9, targetsOnly = false }) => {
  const directory = await mkdtemp(join(tmpdir(), 'celeriac-cold-'));
  try {
    const { outputs } = await bundle({ outdir: directory });
    await writeContenders(directory);
    const event = eventOf(10, (place) => [place, 3]);
    const eventFile = join(directory, 'event.json');
    await writeFile(eventFile, JSON.stringify(event));
    const contenders = targetsOnly ? CONTENDERS.slice(0, TARGETED) : CONTENDERS;
    const plain = toTables('cold', '', await startInTurns(contenders, plainly(directory, eventFile), rounds));
    if (targetsOnly) return plain;
    return [...plain, entryTable(outputs, directory), ...(await underRuntimeClient(directory, event, Math.min(rounds, 5)))];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

async function writeContenders(directory: string): Promise<void> {
  await writeMeasured(directory);
  for (const [file, source] of SOURCES) await writeFile(join(directory, file), source);
  await build({
    stdin: { contents: MIDDY, resolveDir: root },
    outfile: join(directory, 'middy.mjs'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
  });
}

/** Lambda's own runtime client is loaded before a handler is, and Node's http with it. */
async function underRuntimeClient(directory: string, event: unknown, rounds: number): Promise<Table[]> {
  const client = ricDir;
  if (client === undefined || client === '') {
    console.log('cold starts under aws-lambda-ric are left out: CELERIAC_RIC_DIR names no folder (CONTRIBUTING.md)\n');
    return [];
  }
  const startOnce = async ({ file, env, isInvoked }: Contender): Promise<Start> => {
    const lambda = await startLambda({
      bundleDir: directory,
      handler: MEASURED_HANDLER,
      runtime: 'ric',
      ricDir: client,
      env: { ...env, BENCH_ENTRY: `./${file}` },
    });
    try {
      const result = await lambda.invoke(isInvoked ? event : {});
      if (!result.ok) throw new Error(`${file} failed under aws-lambda-ric: ${result.message}`);
      return toStart(result.payload);
    } finally {
      await lambda.close();
    }
  };
  return toTables('cold-ric', ', under aws-lambda-ric', await startInTurns(CONTENDERS, startOnce, rounds));
}

type SampleOf = (start: Start) => number;

function toTables(key: string, where: string, starts: Starts): Table[] {
  const samples = (name: string, sampleOf: SampleOf): readonly number[] => starts.get(name)!.map(sampleOf);
  const imports: SampleOf = ({ importMs }) => importMs;
  const empty = samples('empty handler', imports);
  const overEmpty = (name: string) => samples(name, imports).map((ms, round) => ms - empty[round]!);
  const table = (suffix: string, title: string, names: readonly string[], samplesOf: (name: string) => readonly number[]): Table => {
    const base = samplesOf(names[0]!);
    const rows = names.filter((name) => starts.has(name)).map((name) => toRow(name, samplesOf(name), base));
    return { key: `${key}/${suffix}`, title: title + where, unit: 'ms', rows };
  };
  const functions = ['celeriac worker', 'worker, DynamoDB backend', 'enqueue', 'dead-letter'];
  const invoked = ['bare loop', 'celeriac worker'];
  const whole = table('whole-import', 'import of the handler', ['empty handler', 'middy alone', ...functions], (name) =>
    samples(name, imports),
  );
  const again = starts.has('empty handler again') && noiseOf(samples('empty handler again', imports), empty);
  return [
    table('import', 'import of the handler, over an empty one', ['node:crypto', 'middy alone', ...functions], overEmpty),
    table('first', 'first invocation with 10 messages', invoked, (name) => samples(name, ({ firstMs }) => firstMs)),
    table('second', 'second invocation with the same 10', invoked, (name) => samples(name, ({ secondMs }) => secondMs)),
    { ...whole, ...(again !== false && { noise: again }) },
  ];
}

/** What is read at the start, against the size that a small entry is taken to have. */
function entryTable(outputs: Metafile['outputs'], directory: string): Table {
  const kilobytes = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + outputs[path]!.bytes, 0) / 1024;
  const pathOf = (name: string): string => relative(root, join(directory, `${name}.mjs`));
  const rows: [string, number][] = [['30 KB', 30]];
  for (const name of ['worker', 'enqueue', 'dead-letter']) {
    rows.push([`${name}, entry`, kilobytes([pathOf(name)])]);
    rows.push([`${name}, with its chunk`, kilobytes(reachable(outputs, pathOf(name), { lazy: false }))]);
  }
  return { key: 'cold/bytes', title: 'what a start loads', unit: 'KB', rows: rows.map(([name, size]) => toRow(name, [size], [30])) };
}
