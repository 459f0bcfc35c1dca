/**
 * `npm run soak -- --tasks 100000`: that many tasks without poison, with it, and without it again, while workers are killed at random. Prints
 * what became of them and ends with 1 when a promise was broken: a task lost, done twice or buried for another's sake; memory that grows;
 * good tasks slower than nine tenths of what they are by themselves.
 */

import { parseArgs } from 'node:util';
import { type Figures, soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    /** Of each run. */
    tasks: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '2' },
    /** Seconds between two kills. */
    'kill-every': { type: 'string', default: '3' },
  },
});

/** Memory may breathe, by a fifth of what it is or by so much. */
const BREATH_MB = 24;
const LEAST_SHARE = 0.9;
/** Within so few tasks a kill more or less decides how fast they were. */
const TIMED_FROM = 5000;

const tasks = Number(values.tasks);
const common = {
  tasks,
  seed: Number(values.seed),
  killEveryMs: Number(values['kill-every']) * 1000,
  deadlineMs: 60_000 + tasks * 20,
  tell: (text: string) => console.error(text),
};

const plain = await soak({ ...common, poison: false });
const poisoned = await soak({ ...common, poison: true });
const isTimed = tasks >= TIMED_FROM;
/** What else the machine does changes within minutes: it is timed before and after. */
const plainAgain = isTimed ? await soak({ ...common, poison: false }) : plain;
const share = (poisoned.goodPerSecond ?? 0) / mean(plain.goodPerSecond, plainAgain.goodPerSecond);

print();
const breaches = [...breachesOf('without poison', plain), ...breachesOf('with poison', poisoned)];
if (isTimed) breaches.push(...breachesOf('without poison, again', plainAgain));
if (isTimed && share < LEAST_SHARE) breaches.push(`good tasks are at ${share.toFixed(2)} of their speed`);
for (const breach of breaches) console.log(`BREACH: ${breach}`);
if (breaches.length === 0) console.log('Nothing was lost and nothing done twice.');
process.exit(breaches.length === 0 ? 0 : 1);

/** One that never came to its end was never fast: nothing compares with it. */
function mean(one = Number.POSITIVE_INFINITY, other = Number.POSITIVE_INFINITY): number {
  return (one + other) / 2;
}

function breachesOf(name: string, figures: Figures): string[] {
  const { lost, buriedGood, unburied, strays, neverRan, settledAgain, kinds, settled, workerMemory, mappingMemory } = figures;
  const counts: readonly (readonly [string, number])[] = [
    [`tasks lost (${lost.slice(0, 5).join()})`, lost.length],
    [`good tasks dead-lettered (${buriedGood.slice(0, 5).join(', ')})`, buriedGood.length],
    [`failing or poison not dead-lettered (${unburied.slice(0, 5).join()})`, unburied.length],
    ['messages that nobody sent', strays],
    ['good tasks that never ran', Math.max(0, neverRan - buriedGood.length)],
    ['tasks that ended twice', settledAgain.length],
    ['good and failing tasks without a noted end', Math.max(0, kinds.good + kinds.failing - settled - buriedGood.length)],
  ];
  const growing = [['workers', workerMemory] as const, ['event source mapping', mappingMemory] as const].filter(
    ([, memory]) => memory !== undefined && memory.growthMb > Math.max(BREATH_MB, memory.meanMb / 5),
  );
  return [
    ...counts.filter(([, count]) => count > 0).map(([what, count]) => `${name}: ${count} ${what}`),
    ...growing.map(([what, memory]) => `${name}: memory of the ${what} grew by ${memory?.growthMb.toFixed(0)} MB`),
  ];
}

function print(): void {
  const rows: readonly (readonly [string, (figures: Figures) => string | number])[] = [
    ['seconds', ({ seconds }) => seconds.toFixed(1)],
    ['good', ({ kinds }) => kinds.good],
    ['failing', ({ kinds }) => kinds.failing],
    ['undecodable', ({ kinds }) => kinds.undecodable],
    ['unknown', ({ kinds }) => kinds.unknown],
    ['killers', ({ kinds }) => kinds.killer],
    ['workers killed', ({ kills }) => kills],
    ['workers started', ({ coldStarts }) => coldStarts],
    ['messages given back', ({ returned }) => returned],
    ['lost', ({ lost }) => lost.length],
    ['good, dead-lettered', ({ buriedGood }) => buriedGood.length],
    ['good, run again after a kill', ({ ranAgain }) => ranAgain],
    ['ends noted', ({ settled }) => settled],
    ['ends noted twice', ({ settledAgain }) => settledAgain.length],
    ['good a second', ({ goodPerSecond }) => goodPerSecond?.toFixed(0) ?? 'never done'],
    ['workers: MB, growth', ({ workerMemory }) => memoryText(workerMemory)],
    ['mapping and SQS: MB, growth', ({ mappingMemory }) => memoryText(mappingMemory)],
  ];
  const runs = isTimed ? [plain, poisoned, plainAgain] : [plain, poisoned];
  const inColumns = (name: string, cells: readonly (string | number)[]): string =>
    name.padEnd(30) + cells.map((cell) => String(cell).padStart(18)).join('');
  console.log(inColumns('', ['without poison', 'with poison', 'without, again'].slice(0, runs.length)));
  for (const [name, of] of rows) console.log(inColumns(name, runs.map(of)));
  console.log(`Good tasks beside poison have ${share.toFixed(2)} of the speed they have without.`);
}

function memoryText(memory: Figures['workerMemory']): string {
  return memory === undefined ? 'too short' : `${memory.meanMb.toFixed(0)}, ${memory.growthMb.toFixed(1)}`;
}
