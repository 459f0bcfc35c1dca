/**
 * What does a cold start cost? The bundled worker, minified and split as it is deployed, against an empty handler and the bare loop:
 * each imported in a fresh process, and its first invocation with ten recorded messages timed apart from the import.
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

const EMPTY = 'export const handler = async () => ({ batchItemFailures: [] });';

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

export async function cold(options: { readonly rounds?: number } = {}): Promise<Table[]> {
  const directory = await mkdtemp(join(tmpdir(), 'celeriac-cold-'));
  try {
    await bundle({ outdir: directory });
    const eventFile = join(directory, 'event.json');
    await writeFile(eventFile, JSON.stringify(eventOf(10, (place) => [place, 3])));
    const files = new Map([
      ['empty handler', join(directory, 'empty.mjs')],
      ['bare loop', join(directory, 'bare-loop.mjs')],
      ['celeriac worker', join(directory, 'worker.mjs')],
    ]);
    await writeFile(files.get('empty handler')!, EMPTY);
    await writeFile(files.get('bare loop')!, BARE_LOOP);
    return toTables(await startInTurns(files, eventFile, options.rounds ?? 21));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Fresh processes, one after the other: A B C, A B C, … The first of each only warms the disk's cache. */
async function startInTurns(files: ReadonlyMap<string, string>, eventFile: string, rounds: number): Promise<Map<string, Start[]>> {
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

function toTables(starts: ReadonlyMap<string, readonly Start[]>): Table[] {
  const tableOf = (key: string, title: string, sampleOf: (start: Start) => number): Table => {
    const base = [...starts.values()][0]!.map(sampleOf);
    const rows = Array.from(starts, ([name, measured]) => summarize(name, measured.map(sampleOf), base));
    return { key, title, unit: 'ms', measured: 'celeriac worker', rows };
  };
  return [
    tableOf('cold/import', 'import of the handler in a fresh process', ({ importMs }) => importMs),
    tableOf('cold/first', 'first invocation with 10 messages, after the import', ({ firstMs }) => firstMs),
    tableOf('cold/second', 'second invocation with the same 10 messages', ({ secondMs }) => secondMs),
  ];
}
