/**
 * What does sending cost? The processor time of a process that sends to an SQS on loopback, all its threads, for each message: putting
 * it together, signing, HTTP and the socket. The connection is plain HTTP and kept alive; the server is another process.
 */

import { type Child, type SqsServer, startChild, startSqsServer } from './children.ts';
import type { Question } from './question.ts';
import { SENDERS } from './send-contenders.ts';
import type { Round, RoundAnswer } from './send-process.ts';
import { noiseOf, toRow } from './statistics.ts';
import type { Table } from './table.ts';
import { isTargeted, TARGETS } from './targets.ts';

interface Scenario {
  readonly key: string;
  readonly title: string;
  readonly round: Round;
  /** Which senders; default all but those that linger, to whom only calls that come by and by are of interest. */
  readonly takes?: (name: string) => boolean;
}

interface Lane {
  readonly name: string;
  readonly child: Child;
}

const lingers = (name: string): boolean => name.includes('linger');

const SCENARIOS: readonly Scenario[] = [
  {
    key: 'send/lone',
    title: 'one call at a time',
    round: { how: 'alone', calls: 100 },
    takes: (name) => !lingers(name) && !name.includes('sendTasks'),
  },
  { key: 'send/50-in-flight', title: '50 calls in flight, each followed by the next', round: { how: 'in flight', calls: 500 } },
  { key: 'send/1000-together', title: '1000 calls in one turn', round: { how: 'together', calls: 1000 } },
  {
    key: 'send/trickling',
    title: 'one call each millisecond',
    round: { how: 'trickling', calls: 100 },
    takes: (name) => name === BASE || (name.startsWith('celeriac') && !name.includes('sendTasks')),
  },
];

const BASE = 'SDK SendMessage';

/** Every sender is given so much processor time before it is measured: it should be as well compiled as the others. */
const WARM_UP_MS = 1000;
/** And so many messages: the SDK is compiled late, and who costs little has sent five times as many by then. */
const WARM_UP_MESSAGES = 6000;

/** What costs little is done so often, for the clock and for the caches. */
const AT_LEAST_MS = 60;

const EARLY = 1000;
const EARLY_ROUNDS = 2;

export const send: Question = async ({ rounds = 5, targetsOnly = false }) => {
  const names = [...SENDERS.keys()].filter((name) => !targetsOnly || name === BASE || TARGETS.some(({ row }) => row === name));
  const server = await startSqsServer();
  const lanes = names.map((name): Lane => ({ name, child: startChild('send-process.ts', [name, server.endpoint]) }));
  try {
    await Promise.all(lanes.map(warmUp));
    const tables: Table[] = targetsOnly ? [] : [await early(server.endpoint)];
    for (const scenario of SCENARIOS) {
      const { key, takes = (name) => !lingers(name) } = scenario;
      const taken = lanes.filter(({ name }) => takes(name));
      if (!targetsOnly || isTargeted(key)) tables.push(...(await answer(scenario, taken, server, rounds)));
    }
    return tables;
  } finally {
    for (const { child } of lanes) child.close();
    server.close();
  }
};

/** The first thousand of a process, after one: each sample takes a new process. */
async function early(endpoint: string): Promise<Table> {
  const names = [...SENDERS.keys()].filter((name) => !lingers(name) && !name.includes('sendTasks'));
  const samples = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < EARLY_ROUNDS; round++) {
    for (const name of names) {
      const child = startChild('send-process.ts', [name, endpoint]);
      await child.ask<RoundAnswer>({ how: 'alone', calls: 1 });
      samples.get(name)!.push((await child.ask<RoundAnswer>({ how: 'together', calls: EARLY })).cpuUs / EARLY);
      child.close();
    }
  }
  const rows = names.map((name) => toRow(name, samples.get(name)!, samples.get(BASE)!));
  return { key: 'send/1000-early', title: `the first ${EARLY} messages of a process, in one turn, after a single one`, unit: 'µs', rows };
}

async function warmUp({ child }: Lane): Promise<void> {
  for (let spentUs = 0, sent = 0; spentUs < WARM_UP_MS * 1000 || sent < WARM_UP_MESSAGES; sent += 100) {
    for (const how of ['alone', 'together'] as const) spentUs += (await child.ask<RoundAnswer>({ how, calls: 50 })).cpuUs;
  }
}

async function answer({ key, title, round }: Scenario, lanes: readonly Lane[], server: SqsServer, rounds: number): Promise<Table[]> {
  const samples = new Map(lanes.map(({ name }) => [name, [] as number[]]));
  const requests = new Map<string, number>();
  const again: number[] = [];
  const cost = async ({ name, child }: Lane): Promise<number> => {
    await server.counts();
    const { cpuUs, messages } = await child.ask<RoundAnswer>({ ...round, atLeastMs: AT_LEAST_MS });
    const counted = await server.counts();
    if (counted.messages !== messages) throw new Error(`${name} sent ${counted.messages} of ${messages} messages.`);
    requests.set(name, (counted.requests * round.calls) / messages);
    return cpuUs / messages;
  };
  for (let turn = 0; turn < rounds; turn++) {
    for (const lane of lanes) samples.get(lane.name)!.push(await cost(lane));
    again.push(await cost(lanes[0]!));
  }
  const rowsOf = (samplesOf: (name: string) => readonly number[]) =>
    lanes.map(({ name }) => toRow(name, samplesOf(name), samplesOf(lanes[0]!.name)));
  return [
    {
      key,
      title: `${title}; processor time of the client, the unit is one message`,
      unit: 'µs',
      rows: rowsOf((name) => samples.get(name)!),
      noise: noiseOf(again, samples.get(lanes[0]!.name)!),
    },
    {
      key: key.replace('send/', 'requests/'),
      title: `requests for ${round.calls} messages, ${title}`,
      unit: 'requests',
      rows: rowsOf((name) => [requests.get(name)!]),
    },
  ];
}
