/** A process that sends in one way, named on the command line, and tells what each round cost it: all its threads' processor time. */

import { SENDERS, type Sender } from './send-contenders.ts';

/** How calls are made: one after the other, so many at a time, all in one turn, or one each millisecond, whatever becomes of the others. */
export interface Round {
  readonly how: 'alone' | 'in flight' | 'together' | 'trickling';
  readonly calls: number;
  /** Processor time until which it is done once more, and once more; default once. */
  readonly atLeastMs?: number;
}

export interface RoundAnswer {
  readonly cpuUs: number;
  readonly messages: number;
}

const IN_FLIGHT = 50;
const BATCH = 10;

const [, , name, endpoint] = process.argv;
const sender = SENDERS.get(name!)!(endpoint!);

process.on('message', async (round: Round) => {
  const before = process.cpuUsage();
  const spentUs = (): number => {
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  let messages = 0;
  do {
    await send(sender, round);
    messages += round.calls;
  } while (spentUs() < (round.atLeastMs ?? 0) * 1000);
  process.send!({ cpuUs: spentUs(), messages } satisfies RoundAnswer);
});
process.on('disconnect', () => process.exit());

async function send({ one, many }: Sender, { how, calls }: Round): Promise<void> {
  if (how === 'alone') await loop(one, calls);
  else if (how === 'trickling') await trickle(one, calls);
  else if (how === 'together') await (many?.(calls) ?? atOnce(calls, one));
  else if (many !== undefined) await inFlight(() => many(BATCH), calls / BATCH);
  else await inFlight(one, calls);
}

async function inFlight(call: () => Promise<unknown>, calls: number): Promise<void> {
  const loops = Math.min(IN_FLIGHT, calls);
  await atOnce(loops, () => loop(call, calls / loops));
}

async function atOnce(times: number, call: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: times }, call));
}

async function loop(call: () => Promise<unknown>, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) await call();
}

async function trickle(call: () => Promise<unknown>, calls: number): Promise<void> {
  const sent: Promise<unknown>[] = [];
  for (let turn = 0; turn < calls; turn++) {
    sent.push(call());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(sent);
}
