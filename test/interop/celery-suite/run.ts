/**
 * Celery's own integration tests, with our worker in the place of Celery's. A line for each test that ends otherwise than with
 * Celery's worker, then the sums. Without Python or Redis it says so and passes, except in CI.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare } from './comparison.ts';
import { reasonOf } from './differences.ts';
import { prepareSuite, type Suite } from './environment.ts';
import { type Options, readOptions } from './options.ts';
import { keepBaseline, type Outcomes, readBaseline, readOutcomes } from './outcomes.ts';
import { type Shard, startShard } from './shard.ts';

const PATIENCE_MS = 20 * 60_000;
/** The quick run leaves out what took longer with Celery's worker, in seconds. */
const QUICK = 2.5;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const suite = await prepareSuite();
  if ('missing' in suite) {
    const inCi = Boolean(process.env['CI']);
    console.log(`Celery's suite ${inCi ? 'cannot be run' : 'is not run'}: ${suite.missing}`);
    return inCi ? 1 : 0;
  }
  const of = { celery: suite.celery, backend: options.backend };
  const baseline = await readBaseline(of);
  if (baseline.size === 0 && options.worker !== 'celery') {
    console.log(`nothing to compare with: make it by --baseline --backend ${options.backend}`);
    return 1;
  }
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-suite-'));
  console.log(`Celery ${suite.celery}, worker ${options.worker}, results in ${options.backend}, logs in ${folder}`);
  const isComplete = await runSuite(suite, options, baseline, folder);
  const outcomes = await readOutcomes(folder);
  const all = !options.quick && options.expression === undefined;
  if (options.worker === 'celery') {
    if (isComplete) await keepBaseline(of, all ? outcomes : new Map([...baseline, ...outcomes]));
    console.log(sums(outcomes));
    return isComplete ? 0 : 1;
  }
  const { lines, sums: summary, failures } = compare(baseline, outcomes, { all, backend: options.backend });
  for (const line of lines) console.log(line);
  console.log(summary);
  if (failures > 0 || !isComplete) return 1;
  await rm(folder, { recursive: true });
  return 0;
}

/** Whether every shard came to its end. */
async function runSuite(suite: Suite, options: Options, baseline: Outcomes, folder: string): Promise<boolean> {
  await mkdir(join(folder, 'claims'));
  await writeFile(join(folder, 'plan.json'), JSON.stringify(toPlan(options, baseline)));
  await configure(suite);
  const shards: Shard[] = [];
  endEarly(shards);
  try {
    for (let index = 0; index < options.shards; index++) shards.push(await startShard({ suite, options, index, folder }));
    await Promise.all(shards.map((shard) => shard.done));
    return true;
  } catch (error) {
    console.log(`${(error as Error).message}; see ${folder}`);
    return false;
  } finally {
    await Promise.all(shards.map((shard) => shard.close()));
  }
}

/** What the plugin is told of earlier runs: how long tests took, and which need no second try. */
function toPlan({ worker, quick, backend }: Options, baseline: Outcomes): object {
  const known = [...baseline];
  const isHopeless = ([test, { outcome }]: (typeof known)[number]): boolean =>
    (outcome !== 'passed' && outcome !== 'xpassed') || reasonOf(test, backend) !== undefined;
  return {
    seconds: Object.fromEntries(known.map(([test, { seconds }]) => [test, seconds])),
    once: worker === 'celery' ? [] : known.filter(isHopeless).map(([test]) => test),
    quick: quick ? QUICK : null,
  };
}

/** Celery's tests take settings from this file: a worker that asks for messages without a pause. */
async function configure(suite: Suite): Promise<void> {
  const settings = {
    broker_transport_options: { region: 'us-east-1', wait_time_seconds: 5, polling_interval: 0 },
    broker_connection_retry_on_startup: true,
  };
  await writeFile(join(suite.root, 'integration-tests-config.json'), JSON.stringify(settings));
}

function endEarly(shards: readonly Shard[]): void {
  const end = (code: number): void => void Promise.all(shards.map((shard) => shard.close())).finally(() => process.exit(code));
  process.once('SIGINT', () => end(130));
  process.once('SIGTERM', () => end(143));
  const giveUp = (): void => {
    console.log(`not done after ${PATIENCE_MS / 60_000} minutes`);
    end(1);
  };
  setTimeout(giveUp, PATIENCE_MS).unref();
}

function sums(outcomes: Outcomes): string {
  const counts = new Map<string, number>();
  for (const { outcome } of outcomes.values()) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

process.exitCode = await main();
