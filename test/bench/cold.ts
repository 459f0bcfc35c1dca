/**
 * What does a cold start cost? The bundled worker, minified and split as it is deployed, imported in a fresh process, and its first
 * invocation with ten recorded messages. The import is told over that of an empty handler, in imports of node:crypto (3 to 4 ms);
 * the first invocation in those of the bare loop.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '../../infra/bundle.ts';
import { summarize } from './measure.ts';
import { eventOf } from './messages.ts';
import type { Table } from './table.ts';
import { TARGETS } from './targets.ts';

/** The modules that the worker is compared with. */
const EMPTY = 'export const handler = async () => ({ batchItemFailures: [] });';

const CRYPTO = `import 'node:crypto';${EMPTY}`;

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

interface Start {
  readonly importMs: number;
  readonly firstMs: number;
  readonly secondMs: number;
  readonly failures: number;
}

type Starts = ReadonlyMap<string, readonly Start[]>;

export async function cold(options: { readonly rounds?: number; readonly targetsOnly?: boolean } = {}): Promise<Table[]> {
  const directory = await mkdtemp(join(tmpdir(), 'celeriac-cold-'));
  try {
    await bundle({ outdir: directory });
    const eventFile = join(directory, 'event.json');
    await writeFile(eventFile, JSON.stringify(eventOf(10, (place) => [place, 3])));
    const files = new Map([['celeriac worker', join(directory, 'worker.mjs')]]);
    for (const [name, source] of Object.entries({ 'empty handler': EMPTY, 'node:crypto': CRYPTO, 'bare loop': BARE_LOOP })) {
      files.set(name, join(directory, `contender-${files.size}.mjs`));
      await writeFile(files.get(name)!, source);
    }
    const tables = toTables(await startInTurns(files, eventFile, options.rounds ?? 21));
    return options.targetsOnly === true ? tables.filter(({ target }) => target !== undefined) : tables;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Fresh processes, one after the other: A B C, A B C, … The first of each only warms the disk's cache. */
async function startInTurns(files: ReadonlyMap<string, string>, eventFile: string, rounds: number): Promise<Starts> {
  const starts = new Map([...files.keys()].map((name) => [name, [] as Start[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, file] of files) {
      const measured = await startOnce(file, eventFile);
      if (measured.failures > 0) throw new Error(`${name} failed ${measured.failures} records.`);
      if (round > 0) starts.get(name)!.push(measured);
    }
  }
  return starts;
}

async function startOnce(file: string, eventFile: string): Promise<Start> {
  const script = join(import.meta.dirname, 'cold-process.ts');
  const { stderr } = await promisify(execFile)(process.execPath, ['--no-warnings', script, file, eventFile]);
  return JSON.parse(stderr);
}

function toTables(starts: Starts): Table[] {
  const samples = (name: string, sampleOf: (start: Start) => number): number[] => starts.get(name)!.map(sampleOf);
  const imports = (name: string): number[] => samples(name, ({ importMs }) => importMs);
  const overEmpty = (name: string): number[] => imports(name).map((ms, round) => ms - imports('empty handler')[round]!);
  const first = (name: string): number[] => samples(name, ({ firstMs }) => firstMs);
  const second = (name: string): number[] => samples(name, ({ secondMs }) => secondMs);
  return [
    tableOf({ key: 'cold/import', title: 'import of the handler, over an empty one' }, ['node:crypto', 'celeriac worker'], overEmpty),
    tableOf({ key: 'cold/first', title: 'first invocation with 10 messages' }, ['bare loop', 'celeriac worker'], first),
    tableOf({ key: 'cold/second', title: 'second invocation with the same 10' }, ['bare loop', 'celeriac worker'], second),
    tableOf({ key: 'cold/whole-import', title: 'import of the handler' }, ['empty handler', 'bare loop', 'celeriac worker'], imports),
  ];
}

function tableOf(
  table: Pick<Table, 'key' | 'title'>,
  names: readonly [string, ...string[]],
  samplesOf: (name: string) => readonly number[],
): Table {
  const base = samplesOf(names[0]);
  return {
    ...table,
    target: TARGETS[table.key],
    unit: 'ms',
    measured: 'celeriac worker',
    rows: names.map((name) => summarize(name, samplesOf(name), base)),
  };
}
