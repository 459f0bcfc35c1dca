/**
 * What does the first send of a cold process cost, with everything it imports? Bundled and minified functions that send one task to an
 * SQS on loopback: by hand, by the SDK, by ours. Told is the processor time of all threads, which on Lambda share a processor or less.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLED, root } from '../../infra/bundle.ts';
import { asEsModules, commonJsModules } from '../../infra/es-modules.ts';
import { lazyModules, oneLazyChunk } from '../../infra/lazy-chunk.ts';
import { CREDENTIALS, startSqsServer } from './children.ts';
import { type Contender, plainly, type Start, type Starts, startInTurns, writeMeasured } from './cold-start.ts';
import type { Question } from './question.ts';
import { noiseOf, toRow } from './statistics.ts';
import type { Table } from './table.ts';

/** By its name in the tables. */
const ENTRIES = new Map([
  ['by hand', 'first-by-hand'],
  ['SDK', 'first-sdk'],
  ['celeriac, SDK transport', 'first-own-sdk'],
  ['celeriac, lean transport', 'first-own-lean'],
]);

/** The same once more: how far a process is from itself. */
const AGAIN = 'by hand again';

export const first: Question = async ({ rounds = 9, targetsOnly = false }) => {
  const directory = await mkdtemp(join(tmpdir(), 'celeriac-first-'));
  const server = await startSqsServer();
  try {
    await Promise.all(Array.from(ENTRIES.values(), (entry) => bundleEntry(entry, directory)));
    await writeMeasured(directory);
    const eventFile = join(directory, 'event.json');
    await writeFile(eventFile, '{"Records":[]}');
    const env = { ...CREDENTIALS, SQS_ENDPOINT: server.endpoint };
    const contenders = Array.from(ENTRIES, ([name, entry]): Contender => ({ name, file: `${entry}.mjs`, env, isInvoked: true }));
    if (!targetsOnly) contenders.push({ ...contenders[0]!, name: AGAIN });
    return toTables(await startInTurns(contenders, plainly(directory, eventFile), rounds));
  } finally {
    server.close();
    await rm(directory, { recursive: true, force: true });
  }
};

/** Like infra/bundle.ts, but all that is imported late is one chunk: two are no faster here. */
async function bundleEntry(entry: string, outdir: string): Promise<void> {
  const options = { ...BUNDLED, entryPoints: [`test/bench/${entry}.ts`], outdir, minify: true };
  const { metafile } = await build({ ...options, write: false });
  await build({ ...options, plugins: [asEsModules(commonJsModules(metafile), root), oneLazyChunk(lazyModules(metafile), root)] });
}

function toTables(starts: Starts): Table[] {
  const names = [...starts.keys()].filter((name) => name !== AGAIN);
  const samples = (name: string, sampleOf: (start: Start) => number): number[] => starts.get(name)!.map(sampleOf);
  const table = (key: string, title: string, base: string, sampleOf: (start: Start) => number): Table => {
    const order = [base, ...names.filter((name) => name !== base)];
    const rows = order.map((name) => toRow(name, samples(name, sampleOf), samples(base, sampleOf)));
    const noise = base === 'by hand' && starts.has(AGAIN) ? noiseOf(samples(AGAIN, sampleOf), samples(base, sampleOf)) : undefined;
    return { key, title, unit: 'ms', rows, noise };
  };
  const whole = ({ processMs }: Start): number => processMs;
  return [
    table('first/by-hand', 'import and first send, processor time, against by hand', 'by hand', whole),
    table('first/sdk', 'the same, against the SDK', 'SDK', whole),
    table('first/import', 'import alone, processor time of the main thread', 'by hand', ({ importMs }) => importMs),
    table('first/wall', 'import and first send by the clock', 'by hand', ({ wallMs }) => wallMs),
    table('first/second', 'second send, processor time of the main thread', 'by hand', ({ secondMs }) => secondMs),
  ];
}
