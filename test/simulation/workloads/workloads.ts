/** The workloads by name. */

import { between, chance, type Random } from '../random.ts';
import type { AppOptions } from '../tasks.ts';
import { canvas } from './canvases.ts';
import { ordered } from './ordered.ts';
import type { Publication, Workload } from './publication.ts';
import { sealed } from './sealed.ts';
import { once, plain, poison, retried, waiting } from './singles.ts';

type Make = (random: Random, id: string) => Publication;

/** Some 50 tasks; a share of them is poison. */
function many(random: Random, make: Make, { least = 20, most = 45, poisoned = 0.12 } = {}): readonly Publication[] {
  const share = chance(random, 0.5) ? poisoned : 0;
  return Array.from({ length: between(random, least, most) }, (_, at) =>
    chance(random, share) ? poison(random, `t${at}`) : make(random, `t${at}`),
  );
}

interface Kind {
  readonly name: string;
  readonly plan: (random: Random) => readonly Publication[];
  readonly hasScheduler?: boolean;
  readonly isSealed?: boolean;
  /** In which retries are resent, or not; default both. */
  readonly app?: AppOptions;
}

const KINDS: readonly Kind[] = [
  { name: 'plain', plan: (random) => many(random, plain) },
  { name: 'retries', plan: (random) => many(random, retried, { most: 30 }) },
  { name: 'etas', plan: (random) => many(random, (r, id) => waiting(r, id, false), { most: 30 }), hasScheduler: false },
  { name: 'schedules', plan: (random) => many(random, (r, id) => waiting(r, id, true), { most: 30 }), hasScheduler: true },
  { name: 'fifo', plan: ordered },
  { name: 'chains', plan: (random) => many(random, (r, id) => canvas(r, id, 'chain'), { least: 6, most: 14 }) },
  { name: 'chords', plan: (random) => many(random, (r, id) => canvas(r, id, 'chord'), { least: 4, most: 10 }) },
  { name: 'groups', plan: (random) => many(random, (r, id) => canvas(r, id, 'group'), { least: 5, most: 10 }) },
  { name: 'replaced', plan: (random) => many(random, (r, id) => canvas(r, id, 'replaced'), { least: 6, most: 14 }) },
  { name: 'sealed', plan: (random) => many(random, sealed, { most: 30 }), isSealed: true },
  {
    name: 'mixed',
    plan: (random) => {
      const makes: readonly Make[] = [
        plain,
        retried,
        (r, id) => waiting(r, id, false),
        (r, id) => canvas(r, id, 'chain'),
        (r, id) => canvas(r, id, 'chord'),
        (r, id) => canvas(r, id, 'group'),
      ];
      return many(random, (r, id) => makes[Math.floor(r() * makes.length)]!(r, id), { least: 10, most: 25 });
    },
  },
];

const workload = ({ name, plan, hasScheduler, isSealed, app = {} }: Kind): Workload => ({
  name,
  app,
  idempotent: false,
  plan,
  ...(hasScheduler !== undefined && { hasScheduler }),
  ...(isSealed === true && { isSealed }),
});

/** Each of them, and each with tasks that commit once. */
export const WORKLOADS: readonly Workload[] = KINDS.flatMap((kind) => [
  workload(kind),
  {
    ...workload(kind),
    name: `${kind.name}-once`,
    idempotent: true,
    app: { ...kind.app, defaults: { ...kind.app?.defaults, ...once.defaults } },
  },
]);

/** @throws RangeError for a name there is not */
export function workloadNamed(name: string): Workload {
  const found = WORKLOADS.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new RangeError(`There is no workload '${name}'; there are ${WORKLOADS.map((one) => one.name).join(', ')}.`);
}

/** The workload of a seed: each in turn, unless one is named. */
export const workloadOf = (seed: number, name?: string): Workload =>
  name === undefined ? WORKLOADS[seed % WORKLOADS.length]! : workloadNamed(name);
