/** Sends what was planned: tasks through an app as a user's sender would, recorded messages by SendMessage as they are. */

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AsyncResult, createApp, type Outgoing, type ResultBackend, type Transport } from '../../src/index.ts';
import type { LocalSqs } from '../../src/local/index.ts';
import type { Happening } from './ledger.ts';
import type { Planned } from './plan.ts';
import { declareTasks } from './tasks.ts';

type Told = Extract<Happening, { kind: 'sent' | 'result' }>;

export interface SendOptions {
  readonly sqs: LocalSqs;
  readonly queue: string;
  readonly transport: Transport;
  readonly backend: ResultBackend;
  /** Ends the waits for results. */
  readonly signal: AbortSignal;
  tell(happening: Told): void;
  /** Told why a result was not read. */
  complain(text: string): void;
}

/** Seconds between looks for a result. */
const INTERVAL = 0.1;

/** Sends all, and tells of each as SQS accepts it, and of results as they are there. Rejects when one is not accepted. */
export async function sendAll(plan: readonly Planned[], options: SendOptions): Promise<void> {
  const { sqs, queue, backend, signal, tell, complain } = options;
  const { transport, accepted } = remembering(options.transport);
  const app = createApp('demo', { taskDefaultQueue: queue, transport, backend });
  const tasks = declareTasks(app);
  const client = new SQSClient({ endpoint: sqs.endpoint, region: sqs.region, credentials: sqs.credentials });

  const readBack = async (planned: Planned, result: AsyncResult): Promise<void> => {
    try {
      tell({ kind: 'result', planned, value: await result.get({ interval: INTERVAL, signal }) });
    } catch (error) {
      complain(`the result of ${planned.task} was not read: ${String(error)}`);
    }
  };

  const sendOne = async (planned: Planned): Promise<void> => {
    const { order } = planned;
    if (order.via === 'app') {
      const { id } = await order.send(tasks);
      tell({ kind: 'sent', planned, id, ...accepted(id) });
      return;
    }
    if (order.via === 'worker') {
      const result = await order.send(tasks);
      tell({ kind: 'sent', planned, id: result.id });
      await readBack(planned, result);
      return;
    }
    const { MessageId = '' } = await client.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl(queue), ...order.message }));
    tell({ kind: 'sent', planned, id: order.id, messageId: MessageId, body: order.message.MessageBody });
  };

  try {
    await Promise.all(plan.map(sendOne));
  } finally {
    client.destroy();
  }
}

interface Accepted {
  readonly messageId: string;
  readonly body: string;
}

/** The transport, keeping which message each task became: SQS's ids are no business of an app. */
function remembering(transport: Transport): { transport: Transport; accepted(taskId: string): Accepted } {
  const byTask = new Map<string, Accepted>();
  const send = async (batch: readonly Outgoing[]) => {
    const receipts = await transport.send(batch);
    for (const [index, { id, body }] of batch.entries()) {
      const receipt = receipts[index];
      if (receipt?.ok === true) byTask.set(id, { messageId: receipt.messageId, body });
    }
    return receipts;
  };
  return {
    transport: { ...transport, send },
    accepted: (taskId) => {
      const found = byTask.get(taskId);
      if (found === undefined) throw new Error(`The task ${taskId} was sent by no message.`);
      return found;
    },
  };
}
