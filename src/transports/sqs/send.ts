/**
 * The sending half: batches out, receipts back in the order asked. A single message goes as a batch of one: SendMessage costs and
 * needs the same (price, size, permission), and one path has one way of failing.
 */

import { type CeleryError, OperationalError, QueueNotFound } from '../../errors.ts';
import { fifoGroup, refusal } from '../limits.ts';
import { messageBytes } from '../message-bytes.ts';
import { isFifo, type Outgoing, type Receipt, type Transport } from '../transport.ts';
import type { SqsApi, SqsBatchAnswer } from './api.ts';
import { type Item, toBatches, toEntry } from './batches.ts';
import { type Attempt, toEntryFailure, toFailure, unanswered } from './failures.ts';
import type { QueueUrls } from './queues.ts';

const ACTION = 'sqs:SendMessage';

/** Requests under way at a time, of one send. */
const MAX_IN_FLIGHT = 8;

interface Answer {
  readonly item: Item;
  readonly receipt: Receipt;
}

type Job = () => Promise<readonly Answer[]>;

export function createSend(api: SqsApi, queues: QueueUrls): Transport['send'] {
  /** The URL of its queue, or why the message cannot go. */
  const locate = async ({ message, bytes }: Item): Promise<string | CeleryError> => {
    const refused = refusal(message, bytes);
    if (refused !== undefined) return refused;
    try {
      return await queues.url(message);
    } catch (cause) {
      return toFailure(cause, { action: 'sqs:GetQueueUrl', queue: message.queue });
    }
  };

  const sendBatch = async (url: string, batch: readonly Item[]): Promise<readonly Answer[]> => {
    const attempt: Attempt = { action: ACTION, queue: batch[0]!.message.queue };
    try {
      const answer = await api.sendMessageBatch(url, batch.map(toEntry));
      return toAnswers(batch, answer, attempt);
    } catch (cause) {
      const error = toFailure(cause, attempt);
      if (error instanceof QueueNotFound) for (const { message } of batch) queues.forget(message);
      return refuseAll(batch, error);
    }
  };

  /** One batch after the other. Once a message may have to be sent again, those behind it in its group wait for that. */
  const sendInOrder = async (url: string, items: readonly Item[]): Promise<readonly Answer[]> => {
    const answers: Answer[] = [];
    const stuck = new Set<string>();
    const isStuck = ({ message }: Item): boolean => stuck.has(fifoGroup(message));
    for (const batch of toBatches(items)) {
      const held = batch.filter(isStuck);
      const free = batch.filter((item) => !isStuck(item));
      const sent = free.length > 0 ? await sendBatch(url, free) : [];
      for (const { item, receipt } of sent) if (mayBeSentAgain(receipt)) stuck.add(fifoGroup(item.message));
      answers.push(...sent, ...held.map((item) => refuse(item, heldBack(item.message))));
    }
    return answers;
  };

  const jobsFor = (url: string, items: readonly Item[]): readonly Job[] => {
    if (isFifo(url)) return [() => sendInOrder(url, items)];
    return toBatches(items).map((batch) => () => sendBatch(url, batch));
  };

  return async (messages) => {
    const items = messages.map((message, index): Item => ({ index, message, bytes: messageBytes(message) }));
    const places = await Promise.all(items.map(locate));
    const { byUrl, refused } = sorted(items, places);
    const answers = await runAll(Array.from(byUrl, ([url, fit]) => jobsFor(url, fit)).flat());
    // Every message was either refused or given to a job, and a job answers for all it was given.
    const receipts = new Map([...refused, ...answers].map(({ item, receipt }) => [item.index, receipt]));
    return messages.map((_, index) => receipts.get(index)!);
  };
}

/** By queue, in the order given. Two names of one queue meet in its URL. */
function sorted(items: readonly Item[], places: readonly (string | CeleryError)[]) {
  const byUrl = new Map<string, Item[]>();
  const refused: Answer[] = [];
  for (const item of items) {
    const place = places[item.index]!;
    if (typeof place !== 'string') {
      refused.push(refuse(item, place));
      continue;
    }
    const mates = byUrl.get(place);
    if (mates === undefined) byUrl.set(place, [item]);
    else mates.push(item);
  }
  return { byUrl, refused };
}

async function runAll(jobs: readonly Job[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const open = jobs.values();
  const work = async (): Promise<void> => {
    for (const job of open) answers.push(...(await job()));
  };
  await Promise.all(Array.from({ length: Math.min(MAX_IN_FLIGHT, jobs.length) }, work));
  return answers;
}

/** `Failed` is never success, and neither is silence. */
function toAnswers(batch: readonly Item[], { Successful = [], Failed = [] }: SqsBatchAnswer, attempt: Attempt): readonly Answer[] {
  const accepted = new Map(Successful.map((entry) => [entry.Id, entry]));
  const failed = new Map(Failed.map((entry) => [entry.Id, entry]));
  return batch.map((item, position): Answer => {
    const id = String(position);
    const failure = failed.get(id);
    if (failure !== undefined) return refuse(item, toEntryFailure(failure, attempt));
    const success = accepted.get(id);
    if (success === undefined) return refuse(item, unanswered(attempt));
    return { item, receipt: { ok: true, messageId: success.MessageId ?? '' } };
  });
}

function refuse(item: Item, error: CeleryError): Answer {
  return { item, receipt: { ok: false, error } };
}

function refuseAll(items: readonly Item[], error: CeleryError): readonly Answer[] {
  return items.map((item) => refuse(item, error));
}

function mayBeSentAgain(receipt: Receipt): boolean {
  return !receipt.ok && receipt.error instanceof OperationalError && receipt.error.retryable;
}

function heldBack({ queue }: Outgoing): OperationalError {
  const text = `Not sent: an earlier message of the same group on queue '${queue}' failed and has to go first.`;
  return new OperationalError(text, { retryable: true });
}
