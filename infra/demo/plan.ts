/** What the demo sends and what should become of each: data, but for the typed call that sends a task. */

import { type AsyncResult, chord, Decimal, PyDateTime, Uuid } from '../../src/index.ts';
import type { Recorded } from './recorded.ts';
import type { Tasks } from './tasks.ts';

/** How a task ended. `why` is the error's name, or the dead letter's code, or that its receives were used up. */
export type End =
  /** `result` is what its sender read back of it, where it asks. */
  | { readonly kind: 'succeeded'; readonly result?: unknown }
  /** `deadLetter` is the code of the copy that lies in the dead-letter queue, where the task has one made. */
  | { readonly kind: 'failed'; readonly why: string; readonly deadLetter?: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'dead'; readonly why: string };

export interface Planned {
  readonly task: string;
  /** Who wrote the message. */
  readonly from: string;
  /** What is particular about it, in a few words. */
  readonly about: string;
  readonly expected: End;
  /** Tasks of one group are shown in one row. */
  readonly group?: string;
  readonly order: Order;
}

/** Sent through an app, or by the worker in the end of what an app has sent, or its message put into the queue as it is. */
export type Order =
  | { readonly via: 'app'; send(tasks: Tasks): Promise<{ readonly id: string }> }
  | { readonly via: 'worker'; send(tasks: Tasks): Promise<AsyncResult> }
  | { readonly via: 'sqs'; readonly id: string; readonly message: Recorded['message'] };

/** Receives after which SQS buries a message; the queue's redrive policy has it. */
export const MAX_RECEIVES = 5;

const SUCCEEDED: End = { kind: 'succeeded' };
const BURIED: End = { kind: 'dead', why: `after ${MAX_RECEIVES} receives` };
const FAILED: End = { kind: 'failed', why: 'Error' };
const FAILED_AND_COPIED: End = { ...FAILED, deadLetter: 'failed' };
const BATCH = 40;
const PARTS = 10;

/** Everything that is sent, in this order: what takes longest comes first. */
export function createPlan(recorded: readonly Recorded[]): readonly Planned[] {
  return [...troubled, ...typed, ...additionsAndSum(), ...batch(), malformed, ...recorded.map(fromCelery)];
}

function typescript(
  task: string,
  about: string,
  send: (tasks: Tasks) => Promise<{ readonly id: string }>,
  expected: End = SUCCEEDED,
): Planned {
  return { task, from: 'TypeScript', about, expected, order: { via: 'app', send } };
}

const troubled: readonly Planned[] = [
  typescript('proj.tasks.poison', 'always given back', ({ poison }) => poison.delay(), BURIED),
  typescript('proj.tasks.not_deployed', 'a name no worker knows', ({ notDeployed }) => notDeployed.delay(1), BURIED),
  typescript('proj.tasks.flaky', 'retries itself once', ({ flaky }) => flaky.delay('again')),
  typescript('proj.tasks.auto', 'is retried once, in vain', ({ auto }) => auto.delay('https://down.test'), FAILED_AND_COPIED),
  typescript('proj.tasks.add', 'countdown of 2 seconds', ({ add }) => add.applyAsync([2, 2], { countdown: 2 })),
];

const typed: readonly Planned[] = [
  typescript('proj.tasks.add', 'two numbers', ({ add }) => add.delay(2, 3)),
  typescript('proj.tasks.mul', 'custom headers', ({ mul }) => mul.applyAsync([6, 7], { headers: { tenant: 'acme' } })),
  typescript('proj.tasks.xsum', 'a list', ({ xsum }) => xsum.delay([1, 2, 3, 4])),
  typescript('proj.tasks.greet', 'keywords', ({ greet }) => greet.applyAsync([], { kwargs: { name: 'Zoë', punctuation: '?' } })),
  typescript('proj.tasks.echo', 'date, decimal, uuid, bytes', ({ echo }) =>
    echo.applyAsync(pythonValues(), { kwargs: { deep: { a: [1] } } }),
  ),
  typescript('proj.tasks.echo', 'zlib', ({ echo }) => echo.applyAsync(['z'.repeat(5000)], { kwargs: {}, compression: 'zlib' })),
  typescript('proj.tasks.report', 'no result stored', ({ report }) => report.delay(4, 'done')),
  typescript('proj.tasks.slow', 'runs for 300 ms', ({ slow }) => slow.delay(300)),
  typescript('proj.tasks.fail', 'throws', ({ fail }) => fail.delay('on purpose'), FAILED),
  typescript('proj.tasks.mul', 'one argument too few', ({ outdatedMul }) => outdatedMul.delay(6), { kind: 'failed', why: 'TypeError' }),
  typescript('proj.tasks.add', 'expired before it was sent', ({ add }) => add.applyAsync([1, 1], { expires: '2020-01-01T00:00:00Z' }), {
    kind: 'expired',
  }),
];

const pythonValues = (): unknown[] => [
  new PyDateTime('2030-01-02T03:04:05.000006+02:00'),
  new Decimal('0.10'),
  new Uuid('5a1d2f6e-9c1f-4a53-8f43-0c7c6d1f2b11'),
  new Uint8Array([1, 2, 3]),
];

/** A chord: its header is sent by the app, its body by the worker when the last of the header has ended. */
function additionsAndSum(): readonly Planned[] {
  let sending: Promise<AsyncResult<number>> | undefined;
  const sendOnce = ({ add, xsum }: Tasks): Promise<AsyncResult<number>> => {
    sending ??= chord(
      Array.from({ length: PARTS }, (_, n) => add.s(n, n)),
      xsum.s(),
    ).applyAsync();
    return sending;
  };
  const sendPart = async (tasks: Tasks, n: number): Promise<{ readonly id: string }> => {
    const header = (await (await sendOnce(tasks)).parent?.children()) ?? [];
    return header[n] ?? { id: '' };
  };
  const additions = Array.from({ length: PARTS }, (_, n) => ({
    ...typescript('proj.tasks.add', `a chord's ${PARTS} additions`, (tasks) => sendPart(tasks, n)),
    group: 'chord',
  }));
  const sum: Planned = {
    task: 'proj.tasks.xsum',
    from: 'the worker',
    about: "the chord's sum, read back",
    expected: { kind: 'succeeded', result: PARTS * (PARTS - 1) },
    order: { via: 'worker', send: sendOnce },
  };
  return [...additions, sum];
}

function batch(): readonly Planned[] {
  return Array.from({ length: BATCH }, (_, n) => ({
    ...typescript('proj.tasks.add', `a batch of ${BATCH}`, ({ add }) => add.delay(n, n)),
    group: 'batch',
  }));
}

const malformed: Planned = {
  task: '(no task message)',
  from: 'anyone',
  about: 'not even JSON',
  expected: { kind: 'dead', why: 'not-json' },
  order: { via: 'sqs', id: '', message: { MessageBody: 'hello, is this the queue?' } },
};

function fromCelery({ task, id, version, about, fate, message }: Recorded): Planned {
  return { task, from: `Celery ${version}`, about, expected: endOf(fate), order: { via: 'sqs', id, message } };
}

function endOf(fate: Recorded['fate']): End {
  if (fate === 'succeeds') return SUCCEEDED;
  return fate === 'fails' ? FAILED_AND_COPIED : { kind: 'dead', why: fate.refusal };
}
