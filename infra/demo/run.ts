/**
 * `npm start`: sends real work through SQS into the bundled worker and shows what becomes of every task.
 * Ends with 0 when each ended as planned, otherwise with 1.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../bundle.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createPlan, type Planned } from './plan.ts';
import { readRecorded } from './recorded.ts';
import { createScreen, type Screen } from './screen.ts';
import { sendAll } from './send.ts';
import { endedMs, HEADING, isDone, isFine, type Outcome, rowLine, sumLines, toRows } from './show.ts';
import { DEAD_LETTER_QUEUE, openStage, QUEUE, type Stage } from './stage.ts';
import { readWorkerLine, watchDeadLetters } from './watch.ts';

const DEADLINE_MS = 40_000;
/** Most that starting or stopping may take beyond the deadline. */
const STOPPING_MS = 10_000;
const REDRAW_MS = 100;
/** Notes shown when something went wrong. */
const LAST_NOTES = 10;

const RUNTIMES = {
  ric: "Lambda's own runtime client (aws-lambda-ric)",
  invoker: "celeriac's stand-in for Lambda's runtime client (aws-lambda-ric is not installed)",
};

interface Demo {
  readonly screen: Screen;
  readonly ledger: Ledger;
  readonly plan: readonly Planned[];
  readonly stopping: AbortSignal;
  /** What is told when something went wrong: lines of the worker's log, and what else was in the way. */
  readonly notes: string[];
  elapsedMs(): number;
}

async function main(): Promise<number> {
  const elapsedMs = startWatch();
  const screen = createScreen(process.stdout);
  const plan = createPlan(await readRecorded());
  const ledger = createLedger(plan);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort());
  // The reader is gone, like `head` or a terminal that was closed.
  process.stdout.on('error', () => stopping.abort());
  setTimeout(() => {
    screen.line('The demo hangs and is given up.');
    process.exit(1);
  }, DEADLINE_MS + STOPPING_MS).unref();
  const notes: string[] = [];
  const demo: Demo = { screen, ledger, plan, stopping: stopping.signal, notes, elapsedMs };

  screen.line(`celeriac: ${plan.length} messages through SQS on this machine into handlers/worker.ts, bundled as it would be deployed.`);
  const stage = await openStage({
    ricDir: process.env['CELERIAC_RIC_DIR'] || root,
    observe: (event) => {
      if (event.kind === 'pollFailed') notes.push(`the queue could not be polled: ${event.reason}`);
      else ledger.record(event, elapsedMs());
    },
    log: (text) => {
      const line = readWorkerLine(text);
      if (line === undefined) notes.push(`worker: ${text}`);
      else ledger.record({ kind: 'logged', line }, elapsedMs());
    },
  });
  try {
    screen.line(`It runs in a process of its own under ${RUNTIMES[stage.runtime]}.\n`);
    const left = await perform(demo, stage);
    return conclude(demo, { accounts: ledger.accounts(), strays: ledger.strays(), left });
  } finally {
    await stage.close();
  }
}

/** Sends all and watches until every task has ended and the queue is empty, or the time is over. The answer is how many messages are left. */
async function perform(demo: Demo, stage: Stage): Promise<number> {
  const { screen, ledger, plan, notes, elapsedMs } = demo;
  const ended = new AbortController();
  const stopWatching = watchDeadLetters(stage.transport.inbox, DEAD_LETTER_QUEUE, (letter) =>
    ledger.record({ kind: 'deadLetter', letter }, elapsedMs()),
  );
  try {
    screen.row(HEADING);
    const sending = sendAll(plan, {
      ...stage,
      queue: QUEUE,
      signal: ended.signal,
      tell: (happening) => ledger.record(happening, elapsedMs()),
      complain: (text) => notes.push(text),
    });
    await Promise.race([showUntilDone(demo, stage), failureOf(sending)]);
    return await countLeft(stage);
  } finally {
    ended.abort();
    screen.block([]);
    await stopWatching();
  }
}

async function showUntilDone({ screen, ledger, stopping, elapsedMs }: Demo, stage: Stage): Promise<void> {
  const show = createShow(screen, ledger);
  while (elapsedMs() < DEADLINE_MS && !stopping.aborted) {
    if (show() && (await countLeft(stage)) === 0 && (await areDeadLettersFound(stage))) return;
    await pause(REDRAW_MS, undefined, { signal: stopping }).catch(() => {});
  }
}

/** Rejects as the work does, and never resolves. */
async function failureOf(work: Promise<void>): Promise<never> {
  await work;
  return await new Promise<never>(() => {});
}

/** Draws: a row that ended is written for good, those that go on are the block. The answer tells whether none goes on. */
function createShow(screen: Screen, ledger: Ledger): () => boolean {
  const written = new Set<unknown>();
  return () => {
    const rows = toRows(ledger.accounts());
    for (const row of rows.filter((row) => isDone(row) && !written.has(row[0].planned)).sort((a, b) => endedMs(a) - endedMs(b))) {
      screen.row(rowLine(row));
      written.add(row[0].planned);
    }
    const open = rows.filter((row) => !isDone(row));
    screen.block(open.map(rowLine));
    return open.length === 0;
  };
}

async function countLeft({ sqs }: Stage): Promise<number> {
  const { ready, delayed, inFlight } = await sqs.depth(QUEUE);
  return ready + delayed + inFlight;
}

/** None is put back that was found, so what is ready there nobody has looked at. */
async function areDeadLettersFound({ sqs }: Stage): Promise<boolean> {
  return (await sqs.depth(DEAD_LETTER_QUEUE)).ready === 0;
}

/** Writes the sums; the answer is the exit code. */
function conclude({ screen, stopping, notes, elapsedMs }: Demo, outcome: Outcome): number {
  const fine = isFine(outcome);
  screen.line('');
  for (const line of sumLines(outcome)) screen.line(line);
  const seconds = (elapsedMs() / 1000).toFixed(1);
  if (fine) screen.line(`Nothing is lost and every task ended as planned, in ${seconds} s. Read on in README.md.`);
  else screen.line(`${stopping.aborted ? 'Stopped' : 'Not as planned'} after ${seconds} s.`);
  if (!fine) for (const note of notes.slice(-LAST_NOTES)) screen.line(`  ${note}`);
  return fine ? 0 : 1;
}

function startWatch(): () => number {
  const start = performance.now();
  return () => performance.now() - start;
}

process.exitCode = await main();
