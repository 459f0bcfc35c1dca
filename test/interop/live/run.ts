/**
 * Live interop with the real Celery: it sends and our handler runs, we send and its worker runs, each reads what the other stored.
 * One line a case, then the count. Without Python it says so and passes, except in CI. Ends everything it started.
 */

import { deepEqual } from 'node:assert/strict';
import { createCanvasWorld, type Store } from './canvas-world.ts';
import { type Case, runCases, type Tally } from './case.ts';
import { auth, signedForPython } from './cases/auth.ts';
import { shareAwsBackends } from './cases/backends-aws.ts';
import { canvases } from './cases/canvas.ts';
import { mixed } from './cases/canvas-mixed.ts';
import { deploy } from './cases/deployed.ts';
import { endings } from './cases/endings.ts';
import { largeMessages } from './cases/large-messages.ts';
import { readme } from './cases/readme.ts';
import { redis } from './cases/redis.ts';
import { refusals } from './cases/refusals.ts';
import { results } from './cases/results.ts';
import { retries } from './cases/retries.ts';
import { retryResults } from './cases/retry-results.ts';
import { toPython } from './cases/to-python.ts';
import { toTypeScript } from './cases/to-typescript.ts';
import { valuesToPython, valuesToTypeScript } from './cases/values.ts';
import { prepareCelery } from './environment.ts';
import { createRedisWorld, redisMissing } from './redis-world.ts';
import { createWorld, type World } from './world.ts';

const QUEUES = ['ts', 'ts-shaky', 'ts.fifo', 'py', 'py.fifo', 'dead'];
const PATIENCE_MS = 120_000;

async function main(): Promise<number> {
  const environment = await prepareCelery();
  if ('missing' in environment) {
    const inCi = Boolean(process.env['CI']);
    console.log(`live interop ${inCi ? 'cannot be tested' : 'is not tested'}: ${environment.missing}`);
    return inCi ? 1 : 0;
  }
  const world = await createWorld(environment.python);
  endEarly(world);
  try {
    const versions = await world.python.value<string>(
      '", ".join(m + " " + __import__(m).__version__ for m in ("celery", "kombu", "boto3"))',
    );
    console.log(`${versions}, Node ${process.versions.node}`);
    const tally = await runAll(world);
    await runRedis(environment.python, tally);
    const stores: readonly Store[] = redisMissing === undefined ? ['redis', 'dynamodb'] : ['dynamodb'];
    await Promise.all(stores.map((store) => runCanvas(environment.python, store, tally)));
    await runReadme(environment.python, tally);
    await runAuth(environment.python, tally);
    if (tally.failed > 0) console.log(`\n${await world.logs()}\n`);
    console.log(`${tally.passed} passed, ${tally.failed} failed`);
    return tally.failed === 0 ? 0 : 1;
  } finally {
    await world.close();
  }
}

/** Python's processes end with this one; only the folder has to be seen to. */
function endEarly(world: World): void {
  const end = (code: number): void => void world.close().finally(() => process.exit(code));
  process.once('SIGINT', () => end(130));
  process.once('SIGTERM', () => end(143));
  const giveUp = (): void => {
    console.log(`not done after ${PATIENCE_MS / 1000} s`);
    end(1);
  };
  setTimeout(giveUp, PATIENCE_MS).unref();
}

async function runAll(world: World): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0 };
  await runCases('Python sends', [...toTypeScript(world), ...refusals(world)], tally);
  await runCases('Python sends', valuesToTypeScript(world), tally);
  await runCases('we send', [...toPython(world), ...valuesToPython(world)], tally);
  await runCases('results', results(world), tally);
  await runCases('retries', [...retries(world), ...retryResults(world)], tally);
  await runCases('endings', endings(world), tally);
  await runCases('signing', signedForPython(world), tally);
  await runCases('large messages', largeMessages(world), tally);
  await runAwsBackends(world, tally);
  await runDeployed(world, tally);
  await runCases('afterwards', afterwards(world), tally);
  return tally;
}

async function runDeployed(world: World, tally: Tally): Promise<void> {
  const deployed = await deploy(world);
  try {
    await runCases('deployed', deployed.cases, tally);
    await runCases('deployed', [{ name: 'the queue is empty', run: () => world.drained('celery') }], tally);
  } finally {
    await deployed.close();
  }
}

/** Celery's DynamoDB and S3 backends and ours. */
async function runAwsBackends(world: World, tally: Tally): Promise<void> {
  const shared = await shareAwsBackends(world);
  try {
    await runCases('DynamoDB and S3', shared.cases, tally);
  } finally {
    await shared.close();
  }
}

/** Celery's Redis backend and ours; without a server it says so, and fails in CI. */
async function runRedis(python: string, tally: Tally): Promise<void> {
  if (redisMissing !== undefined) {
    console.log(`the Redis backend ${process.env['CI'] ? 'cannot be' : 'is not'} tested: ${redisMissing}`);
    if (process.env['CI']) tally.failed += 1;
    return;
  }
  const world = await createRedisWorld(python);
  try {
    await runCases('redis', redis(world), tally);
  } finally {
    await world.close();
  }
}

/** A few at a time, or tasks wait for one another longer than whoever waits for them. */
const CANVASES_AT_ONCE = 4;

async function runCanvas(python: string, store: Store, tally: Tally): Promise<void> {
  const world = await createCanvasWorld(python, store);
  const own: Tally = { passed: 0, failed: 0 };
  try {
    await runCases(`canvas, ${store}`, [...mixed(world), ...canvases(world)], own, CANVASES_AT_ONCE);
    await runCases(`canvas, ${store}`, [{ name: 'all queues are empty', run: world.drained }], own);
    if (own.failed > 0) console.log(`\n${await world.logs()}\n`);
  } finally {
    tally.passed += own.passed;
    tally.failed += own.failed;
    await world.close();
  }
}

async function runReadme(python: string, tally: Tally): Promise<void> {
  const blocks = await readme(python);
  try {
    await runCases('README', blocks.cases, tally);
  } finally {
    await blocks.close();
  }
}

/** Celery's `auth` serializer, both ways. */
async function runAuth(python: string, tally: Tally): Promise<void> {
  const signed = await auth(python);
  try {
    await runCases('auth', signed.cases, tally);
  } finally {
    await signed.close();
  }
}

/** Everything was acknowledged, and nothing died that was not meant to, or had an attempt run twice. */
function afterwards({ drained, dead, runs }: World): readonly Case[] {
  const attempts = [...runs].flatMap(([id, list]) => list.map(({ request }) => `${id}, retries ${request.retries}`));
  return [
    { name: 'nothing unexpected is in the dead-letter queue', run: async () => deepEqual(await dead.unexpected(), []) },
    {
      name: 'no attempt ran twice here',
      run: async () => deepEqual(attempts, [...new Set(attempts)]),
    },
    ...QUEUES.map((queue) => ({ name: `the queue ${queue} is empty`, run: () => drained(queue) })),
  ];
}

process.exitCode = await main();
