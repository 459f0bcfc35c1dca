/** A worker whose every effect is noted in order, in the words of the recorded traces of Celery's worker (worker-acks.json). */

import type { SignalName, SignalPayloads } from '../../src/app/signals.ts';
import { createMemoryBackend } from '../../src/backends/memory.ts';
import type { Delivery } from '../../src/transports/transport.ts';
import type { Disposition } from '../../src/worker/disposition.ts';
import { createRecordingTransport, type RecordingTransport } from './recording.ts';
import { createTestWorker, readSent, type WorkerOptions } from './worker.ts';

/** The task signals, under Celery's names. */
const SIGNALS: ReadonlyMap<SignalName, string> = new Map([
  ['taskReceived', 'task_received'],
  ['taskPrerun', 'task_prerun'],
  ['taskSuccess', 'task_success'],
  ['taskFailure', 'task_failure'],
  ['taskRetry', 'task_retry'],
  ['taskPostrun', 'task_postrun'],
  ['taskRevoked', 'task_revoked'],
  ['taskRejected', 'task_rejected'],
  ['taskUnknown', 'task_unknown'],
]);

/** The worker, its backend, and the trace that grows while it works; `note` adds what a task does itself. */
export function createTracedWorker(options: WorkerOptions = {}) {
  const trace: string[] = [];
  const note = (effect: string): void => void trace.push(effect);
  const kept = options.backend ?? createMemoryBackend();
  const store: typeof kept.store = async (document) => {
    await kept.store(document);
    note(`result stored: ${document.status}`);
  };
  const transport = noteSends(options.transport ?? createRecordingTransport(), note);
  const worker = createTestWorker({ ...options, transport, backend: { ...kept, store } });
  const payloads: [name: SignalName, payload: SignalPayloads[SignalName]][] = [];
  for (const [name, theirs] of SIGNALS) {
    worker.app.on(name, (payload) => {
      payloads.push([name, payload]);
      note(`signal ${theirs}`);
    });
  }
  /** Consumes, and notes what the door does with the message. */
  const receive = async (extra: Partial<Delivery> = {}): Promise<Disposition> => {
    trace.length = 0;
    const disposition = await worker.runLast(extra);
    for (const call of callsFor(disposition)) note(call);
    return disposition;
  };
  return { ...worker, kept, trace, note, payloads, receive };
}

function noteSends(transport: RecordingTransport, note: (effect: string) => void): RecordingTransport {
  return {
    ...transport,
    async send(batch) {
      const receipts = await transport.send(batch);
      for (const outgoing of batch) note(`SQS SendMessage ${describeSent(outgoing)}`);
      return receipts;
    },
  };
}

function describeSent(outgoing: Parameters<typeof readSent>[0]): string {
  try {
    const { task, retries } = readSent(outgoing).headers;
    return `{"task": "${task}", "retries": ${retries ?? 0}}`;
  } catch {
    return `{"queue": "${outgoing.queue}"}`;
  }
}

/** What SQS sees of a disposition: deleted, hidden, or nothing, which leaves the message to its visibility time-out. */
function callsFor(disposition: Disposition): readonly string[] {
  if (disposition.do === 'ack' || (disposition.do === 'quarantine' && disposition.buried)) return ['SQS DeleteMessage'];
  if (disposition.do === 'quarantine' || disposition.afterSeconds === undefined) return [];
  return [`SQS ChangeMessageVisibility {"VisibilityTimeout": "${disposition.afterSeconds}"}`];
}
