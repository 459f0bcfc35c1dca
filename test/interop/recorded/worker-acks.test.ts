/** What a real Celery worker did in each outcome (5.6.3), replayed on ours: the same effects in the same order, or the difference argued. */

import { expect, test } from 'vitest';
import type { Settings } from '../../../src/app/settings.ts';
import type { TaskRequest } from '../../../src/app/task-request.ts';
import type { ApplyOptions } from '../../../src/canvas/call-options.ts';
import { Ignore, Reject } from '../../../src/errors.ts';
import { createTracedWorker } from '../../support/effects.ts';
import { base64, envelopeText, headersWith } from '../../support/messages.ts';
import { recordedRows } from '../../support/recorded.ts';

interface Row {
  readonly case: string;
  readonly call: string;
  readonly conf: Readonly<Record<string, unknown>>;
  readonly trace: readonly string[];
}

const rows = recordedRows<Row>('worker-acks@main');

type Worker = ReturnType<typeof createTracedWorker>;

/** The tasks the recorded worker had. */
function register(worker: Worker) {
  const { app, note } = worker;
  const ran = (): void => note('task body runs');
  return {
    ok: app.task('k.ok', ran),
    boom: app.task('k.boom', (): never => {
      ran();
      throw new Error('x');
    }),
    again: app.task('k.again', { bind: true }, (self): never => {
      ran();
      return self.retry({ countdown: 60 });
    }),
    ign: app.task('k.ign', (): never => {
      ran();
      throw new Ignore();
    }),
    rej: app.task('k.rej', (requeue: boolean): never => {
      ran();
      throw new Reject('no', { requeue });
    }),
    cb: app.task('k.cb', () => note('callback task body runs')),
    eb: app.task('k.eb', (request: TaskRequest, error: Error, traceback: string) => {
      const isFailed = request.task === 'k.boom' && request.id === worker.lastMessage().headers.root_id;
      const what = `request.id is the failed task: ${isFailed ? 'True' : 'False'}`;
      const text = `exc ValueError('${error.message}') ; traceback type ${typeof traceback === 'string' ? 'str' : typeof traceback}`;
      note(`new-style errback called inline with (request, exc, traceback); ${what} ; ${text}`);
    }),
  };
}

type Tasks = ReturnType<typeof register>;
type Send = (tasks: Tasks, worker: Worker) => Promise<unknown>;

const ok =
  (options: ApplyOptions = {}): Send =>
  ({ ok }) =>
    ok.applyAsync([], options as object);

/** The recorded calls, as one makes them here. */
const CALLS = new Map<string, Send>([
  ['ok.delay()', ok()],
  ['boom.delay()', ({ boom }) => boom.delay()],
  ['again.delay()', ({ again }) => again.delay()],
  ['ign.delay()', ({ ign }) => ign.delay()],
  ['rej.delay(False)', ({ rej }) => rej.delay(false)],
  ['rej.delay(True)', ({ rej }) => rej.delay(true)],
  ['ok.apply_async(ignore_result=True)', ok({ ignoreResult: true })],
  [
    'ok.apply_async(expires=0.01); time.sleep(0.2)',
    async (tasks, worker) => {
      await ok({ expires: 0.01 })(tasks, worker);
      await worker.clock.advance(200);
    },
  ],
  ["app.send_task('no.such')", (_, { app }) => app.sendTask('no.such')],
  [
    "ok.apply_async(serializer='pickle')",
    async (_, { transport }) => {
      const body = envelopeText({
        headers: headersWith({ task: 'k.ok' }),
        rawBody: base64('(lp0'),
        contentType: 'application/x-python-serialize',
      });
      transport.sent.push({ queue: 'celery', id: 'pickled', body });
    },
  ],
  ['ok.apply_async(countdown=300)', ok({ countdown: 300 })],
  ['chain(ok.s().set(link=[cb.si()]), cb.si()).apply_async()', ({ ok, cb }) => ok.applyAsync([], { link: cb.si(), chain: [cb.si()] })],
  ['boom.apply_async(link_error=[eb.s(), cb.si()])', ({ boom, eb, cb }) => boom.applyAsync([], { linkError: [eb.s(), cb.si()] })],
  ["boom.apply_async(queue='pq')", ({ boom }) => boom.applyAsync([], { queue: 'pq' })],
]);

function settingsOf({ conf }: Row): Partial<Settings> {
  const transportOptions = conf['broker_transport_options'] as { predefined_queues: Record<string, Record<string, unknown>> } | undefined;
  const queue = transportOptions?.predefined_queues['pq'];
  return {
    ...('task_acks_late' in conf && { taskAcksLate: true }),
    ...('task_acks_on_failure_or_timeout' in conf && { taskAcksOnFailureOrTimeout: false }),
    ...('task_track_started' in conf && { taskTrackStarted: true }),
    ...(queue !== undefined && {
      brokerTransportOptions: { backoffPolicy: queue['backoff_policy'] as Record<number, number>, backoffTasks: ['k.boom'] },
    }),
  };
}

/** What follows in the recording is another delivery, or the worker's end, of which Lambda knows nothing. */
function firstDelivery(trace: readonly string[]): readonly string[] {
  const again = trace.indexOf('signal task_received', 1);
  const end = trace.indexOf('-- shutdown --');
  return trace.slice(0, again === -1 ? end : Math.min(again, end));
}

const SENT_ON = 'SQS SendMessage {"task": "k.ok", "retries": 0}';

const STORED_FIRST = {
  trace: [
    'signal task_received',
    'signal task_prerun',
    'task body runs',
    'result stored: RETRY',
    'SQS SendMessage {"task": "k.again", "retries": 1}',
    'signal task_retry',
    'signal task_postrun',
    'SQS DeleteMessage',
  ],
  why: 'the same effects, but RETRY is stored before the next attempt is sent: where that ends first, a RETRY stored late would hide its end',
};

/** Where we do otherwise: what we do, and why. */
const REJECTED = {
  trace: [
    'signal task_received',
    'signal task_prerun',
    'task body runs',
    'result stored: FAILURE',
    'signal task_failure',
    'signal task_postrun',
  ],
  why: 'the same effects, but the state is stored and told before task_postrun, as of any other end; Celery’s main process does it afterwards',
};

const DIFFERENT = new Map<string, { readonly trace: readonly string[]; readonly why: string }>([
  ['retry-early-ack', STORED_FIRST],
  ['retry-acks-late', STORED_FIRST],
  [
    'reject-requeue-acks-late',
    {
      trace: ['signal task_received', 'signal task_prerun', 'task body runs', 'signal task_postrun'],
      why: 'given back with the queue’s own visibility time-out, which a backoffPolicy shortens or lengthens; Celery polls, and comes back after wait_time_seconds',
    },
  ],
  ['reject-early-ack', { ...REJECTED, trace: [...REJECTED.trace, 'SQS DeleteMessage'] }],
  ['reject-acks-late', REJECTED],
  [
    'eta-held',
    {
      trace: [SENT_ON, 'SQS DeleteMessage'],
      why: 'a waiting message is sent on instead of being held in a worker’s memory; it is received, as its task sees it, when it is due',
    },
  ],
]);

test.each(rows)('$case', async (row) => {
  const worker = createTracedWorker({ settings: settingsOf(row) });
  const send = CALLS.get(row.call) ?? expect.fail(`the call ${row.call} is not known here`);
  await send(register(worker), worker);
  await worker.receive();
  expect(worker.trace).toEqual(DIFFERENT.get(row.case)?.trace ?? firstDelivery(row.trace));
});

test('the differences are of recorded cases, and differ', () => {
  for (const [name, { trace }] of DIFFERENT) {
    const row = rows.find((row) => row.case === name) ?? expect.fail(`${name} is not recorded`);
    expect(trace).not.toEqual(firstDelivery(row.trace));
  }
  console.log(
    `worker-acks: ${rows.length - DIFFERENT.size} of ${rows.length} outcomes with the same effects in the same order, ${DIFFERENT.size} argued`,
  );
});

test('other versions of Celery end otherwise only where stated', () => {
  const traces = new Map(rows.map((row) => [row.case, JSON.stringify(firstDelivery(row.trace))]));
  const different = (version: string) =>
    recordedRows<Row>(`worker-acks${version}`).flatMap((row) =>
      traces.get(row.case) === JSON.stringify(firstDelivery(row.trace)) ? [] : [row.case],
    );
  // Before 5.7 Celery leaves no state for a Reject that is not given back, and whoever waits for it waits for ever.
  expect(different('')).toEqual(['reject-early-ack', 'reject-acks-late']);
  // 5.2 gives it back at once, in a tight loop.
  expect(different('@5.2.6')).toEqual(['reject-early-ack', 'reject-acks-late', 'reject-requeue-acks-late']);
});
