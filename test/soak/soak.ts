/** One soak: everything of a plan is sent and watched until it has ended, while workers are killed at random. */

import { setTimeout as pause } from 'node:timers/promises';
import { createAccount, type Sums } from './account.ts';
import { createMemorySamples, type MemorySamples, residentMb } from './memory.ts';
import { bodyOf, kindOf, numberIn, type Plan } from './plan.ts';
import { openStage, type Stage } from './stage.ts';

export interface SoakOptions extends Plan {
  /** Milliseconds between two kills of a worker. */
  readonly killEveryMs: number;
  /** After so long what is open is lost. */
  readonly deadlineMs: number;
  tell(text: string): void;
}

export interface Figures extends Sums {
  readonly seconds: number;
  /** Good tasks a second, up to the moment when 99 of 100 had ended; undefined when that moment never came. */
  readonly goodPerSecond: number | undefined;
  readonly kills: number;
  readonly coldStarts: number;
  readonly returned: number;
  /** Good tasks whose function ran more than once: a worker died between its effect and its note. */
  readonly ranAgain: number;
  /** Good tasks that never ran. */
  readonly neverRan: number;
  readonly settled: number;
  readonly settledAgain: readonly string[];
  readonly workerMemory: ReturnType<MemorySamples['figures']>;
  readonly mappingMemory: ReturnType<MemorySamples['figures']>;
}

/** Messages in the queue at a time: as many as keep the workers busy, so that what the local SQS holds says nothing about memory. */
const MOST_OPEN = 1000;
const SAMPLE_MS = 500;
const LOOK_MS = 50;

export async function soak(options: SoakOptions): Promise<Figures> {
  const { tasks, killEveryMs, deadlineMs, tell } = options;
  const began = performance.now();
  const elapsedMs = (): number => performance.now() - began;
  const account = createAccount(options, elapsedMs);
  let returned = 0;
  const complaints = new Map<string, number>();
  const stage = await openStage(
    (event) => {
      if (event.kind === 'deleted') account.deleted(event.messageId);
      else if (event.kind === 'returned') returned += 1;
      else if (event.kind === 'pollFailed') tell(`the queue could not be polled: ${event.reason}`);
    },
    (text) => complaints.set(text.slice(0, 60), (complaints.get(text.slice(0, 60)) ?? 0) + 1),
  );
  let kills = 0;
  const ending = new AbortController();
  const every = (ms: number, work: () => unknown): Promise<void> => repeat(ms, work, ending.signal);
  const workerMemory = createMemorySamples(() => largest([...stage.workers], stage));
  const mappingMemory = createMemorySamples(() => residentMb(process.pid));
  const random = createRandom(options.seed);
  try {
    const background = [
      every(killEveryMs, () => {
        kills += killOne(stage, random);
      }),
      every(SAMPLE_MS, () => {
        for (const memory of [workerMemory, mappingMemory]) memory.sample(elapsedMs());
      }),
      every(LOOK_MS, () => drain(stage, account.dead)),
    ];
    let next = 0;
    while ((next < tasks || account.open() > 0) && elapsedMs() < deadlineMs) {
      if (next < tasks && account.open() < MOST_OPEN) next = await sendTen(next, options, stage, account.sent);
      else await pause(LOOK_MS / 5);
    }
    ending.abort();
    await Promise.all(background);
    return { ...(await conclude()), kills, coldStarts: stage.coldStarts(), returned };
  } finally {
    ending.abort();
    await stage.close();
    for (const [text, times] of complaints) tell(`a worker wrote ${times} times: ${text}`);
  }

  async function conclude() {
    const sums = account.sums();
    const runs = await stage.runs();
    const { goodMs } = account;
    return {
      ...sums,
      ...(await stage.askLedger()),
      seconds: elapsedMs() / 1000,
      goodPerSecond: goodMs === undefined ? undefined : (sums.kinds.good * 0.99 * 1000) / goodMs,
      ranAgain: [...runs.values()].filter((times) => times > 1).length,
      neverRan: sums.kinds.good - runs.size,
      workerMemory: workerMemory.figures(),
      mappingMemory: mappingMemory.figures(),
    };
  }
}

async function repeat(ms: number, work: () => unknown, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(ms, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await work();
  }
}

async function sendTen(first: number, plan: Plan, stage: Stage, sent: (n: number, messageId: string) => void): Promise<number> {
  const numbers = Array.from({ length: Math.min(10, plan.tasks - first) }, (_, index) => first + index);
  const Entries = numbers.map((n) => ({ Id: String(n), MessageBody: bodyOf(n, kindOf(n, plan)) }));
  const answer = await stage.calls.call('SendMessageBatch', { QueueUrl: stage.queueUrl, Entries });
  const { Successful } = answer as { Successful: readonly { Id: string; MessageId: string }[] };
  for (const { Id, MessageId } of Successful) sent(Number(Id), MessageId);
  return first + numbers.length;
}

/** Takes what lies in the dead-letter queue, as its keeper would. */
async function drain({ calls, deadLetterUrl }: Stage, dead: (n: number, code: string) => void): Promise<void> {
  for (;;) {
    const messages = await calls.receive(deadLetterUrl, 10, 0);
    if (messages.length === 0) return;
    for (const { Body, MessageAttributes } of messages)
      dead(numberIn(Body), MessageAttributes?.['celeriac.code']?.StringValue ?? 'redriven');
    await calls.remove(
      deadLetterUrl,
      messages.map(({ ReceiptHandle }) => ReceiptHandle),
    );
  }
}

/** The answer is how many were killed: one, or none when none lives. */
function killOne(stage: Stage, random: () => number): number {
  const living = [...stage.workers].filter((pid) => residentMb(pid) !== undefined);
  const pid = living[Math.floor(random() * living.length)];
  if (pid === undefined) return 0;
  process.kill(pid, 'SIGKILL');
  (stage.workers as Set<number>).delete(pid);
  return 1;
}

function largest(pids: readonly number[], stage: Stage): number | undefined {
  let most: number | undefined;
  for (const pid of pids) {
    const mb = residentMb(pid);
    if (mb === undefined) (stage.workers as Set<number>).delete(pid);
    else most = Math.max(most ?? 0, mb);
  }
  return most;
}

/** A linear congruential generator, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
