/**
 * Cold starts, each in a process of its own: a module imports the handler, and tells what that and the first invocations took in
 * processor time of the main thread: compiling and running, not the disk's or a neighbour's turns.
 */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Contender {
  readonly name: string;
  /** In the folder of the bundle. */
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it is given the batch as well, or imported alone. */
  readonly isInvoked: boolean;
}

/** In milliseconds; what belongs to an invocation that was not made is NaN. */
export interface Start {
  readonly importMs: number;
  readonly firstMs: number;
  readonly secondMs: number;
  /** Import and first invocation together, of all threads, and as the clock has it. */
  readonly processMs: number;
  readonly wallMs: number;
}

export type Starts = ReadonlyMap<string, readonly Start[]>;

/** Starts one contender once. */
export type StartOnce = (contender: Contender) => Promise<Start>;

/** Imports the handler and answers an event with what that took; invokes it only for an event with records. */
const MEASURED = `
const cpuMs = () => {
  // Linux books a running thread's time at clock ticks, 4 ms apart; asking for the whole process makes it book at once.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
const allMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const wallStart = performance.now();
const allStart = allMs();
const start = cpuMs();
const { handler: inner } = await import(process.env.BENCH_ENTRY);
const importMs = cpuMs() - start;
const timed = async (event, context) => {
  const start = cpuMs();
  const { batchItemFailures } = await inner(event, context);
  if (batchItemFailures.length > 0) throw new Error(\`\${batchItemFailures.length} records failed.\`);
  return cpuMs() - start;
};
export const handler = async (event, context) => {
  if (event.Records === undefined) return { importMs };
  const firstMs = await timed(event, context);
  const both = { processMs: allMs() - allStart, wallMs: performance.now() - wallStart };
  return { importMs, firstMs, ...both, secondMs: await timed(event, context) };
};
`;

/** Runs it without any runtime client. */
const PLAIN = `
import { readFileSync } from 'node:fs';
// Lambda's runtime has its own log stream open before it loads a handler.
process.stdout.write('');
const { handler } = await import('./measured.mjs');
const event = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const context = { getRemainingTimeInMillis: () => 30_000, functionName: 'worker', awsRequestId: 'request-1' };
process.stderr.write(JSON.stringify(await handler(event, context)));
`;

/** The module that `startOnce` runs, and that Lambda's runtime client can. */
export const MEASURED_HANDLER = 'measured.handler';

export async function writeMeasured(directory: string): Promise<void> {
  await writeFile(join(directory, 'measured.mjs'), MEASURED);
  await writeFile(join(directory, 'plain.mjs'), PLAIN);
  await writeFile(join(directory, 'nothing.json'), '{}');
}

/** Starts in a plain process of Node. @param eventFile the batch as JSON */
export function plainly(directory: string, eventFile: string): StartOnce {
  return async ({ file, env, isInvoked }) => {
    const args = ['--no-warnings', join(directory, 'plain.mjs'), isInvoked ? eventFile : join(directory, 'nothing.json')];
    const { stderr } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env, BENCH_ENTRY: `./${file}` } });
    return toStart(stderr);
  };
}

export function toStart(json: string): Start {
  const none = Number.NaN;
  return {
    firstMs: none,
    secondMs: none,
    processMs: none,
    wallMs: none,
    ...(JSON.parse(json) as Partial<Start> & Pick<Start, 'importMs'>),
  };
}

/** Fresh processes, one after the other: A B C, A B C, … The first of each only warms the disk's cache. */
export async function startInTurns(contenders: readonly Contender[], start: StartOnce, rounds: number): Promise<Starts> {
  const starts = new Map(contenders.map(({ name }) => [name, [] as Start[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const measured = await start(contender);
      if (round > 0) starts.get(contender.name)!.push(measured);
    }
  }
  return starts;
}
