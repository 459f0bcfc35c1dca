/**
 * SQS simulated: the SDK's operations, and beside them what Lambda's event source mapping does. Long polling is the caller's: a receive
 * answers at once with what there is. Receipts of standard queues that have run out delete or do not, as in SQS.
 */

import type { SimSqs, SimSqsOptions } from './contract.ts';
import { type Env, machineOf, sdkError } from './machine.ts';
import { attributesOf, REGION, toRecord, toSqsMessage } from './sqs-answers.ts';
import { bytesOf, ENTRY_ID, MAX_BYTES, type Refusal, refusalOf, type SentEntry } from './sqs-entries.ts';
import { createQueue, type Queue, type Sent, type StoredMessage, type Surroundings } from './sqs-queue.ts';

const ACCOUNT = '000000000000';
const MAX_ENTRIES = 10;
const MAX_VISIBILITY_SECONDS = 43_200;

interface ByReceipt {
  readonly Id?: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout?: number;
}
interface OfQueue {
  readonly QueueUrl: string;
}
interface ReceiveInput extends OfQueue {
  readonly MaxNumberOfMessages?: number;
}

export function createSimSqs(env: Env, options: SimSqsOptions): SimSqs {
  const queues = new Map<string, Queue>();
  const byReceipt = new Map<string, StoredMessage>();
  let ids = 0;
  const url = (queue: string): string => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${queue}`;
  const arn = (queue: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;
  const around: Surroundings = {
    env,
    options,
    newId() {
      ids += 1;
      return `00000000-0000-4000-8000-${ids.toString(16).padStart(12, '0')}`;
    },
    deadLetters: ({ definition: { deadLetterQueue } }) => (deadLetterQueue === undefined ? undefined : named(deadLetterQueue)),
    arn,
  };
  for (const definition of options.queues) queues.set(definition.name, createQueue(definition, around));

  const named = (name: string): Queue => {
    const queue = queues.get(name);
    if (queue === undefined) throw sdkError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  };
  const at = (queueUrl: string): Queue => named(queueUrl.slice(queueUrl.lastIndexOf('/') + 1));

  const refused = (queue: Queue, entry: SentEntry): Refusal | undefined =>
    refusalOf(entry, { fifo: queue.fifo, contentBased: queue.definition.contentBasedDeduplication === true });
  const send = (queue: Queue, entry: SentEntry): Sent => {
    const refusal = refused(queue, entry);
    if (refusal !== undefined) throw sdkError(refusal.code, refusal.message);
    return queue.send(entry);
  };
  const take = (queue: Queue, max: number): readonly StoredMessage[] => {
    const given = queue.receive(max);
    for (const message of given) byReceipt.set(message.receipt!, message);
    return given;
  };

  /** Whether the receipt still stands: it is the last one, and where order is kept its time has not run out. */
  const stands = (message: StoredMessage, receipt: string): boolean =>
    message.receipt === receipt && (message.sequence === undefined || message.visibleAtMs > env.now());
  const messageOf = (receipt: string): StoredMessage => {
    const message = byReceipt.get(receipt);
    if (message === undefined)
      throw sdkError('ReceiptHandleIsInvalid', `The input receipt handle "${receipt}" is not a valid receipt handle.`);
    return message;
  };
  const remove = (receipt: string): 'done' | 'kept' | 'expired' => {
    const message = messageOf(receipt);
    if (message.place !== 'here') return 'kept';
    if (!stands(message, receipt)) {
      if (message.sequence !== undefined) return 'expired';
      if (env.random() < 0.5) return 'kept';
    }
    return named(message.queue).remove(message) ? 'done' : 'kept';
  };
  const isInFlight = (message: StoredMessage, receipt: string): boolean =>
    message.place === 'here' && message.receipt === receipt && message.visibleAtMs > env.now();

  const deleteOne = ({ ReceiptHandle }: ByReceipt): void => {
    if (remove(ReceiptHandle) === 'expired') {
      throw sdkError(
        'InvalidParameterValue',
        `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
      );
    }
  };
  const hideOne = ({ ReceiptHandle, VisibilityTimeout = 0 }: ByReceipt): void => {
    const message = messageOf(ReceiptHandle);
    const whole = Number.isInteger(VisibilityTimeout) && VisibilityTimeout >= 0 && VisibilityTimeout <= MAX_VISIBILITY_SECONDS;
    if (!whole) throw sdkError('InvalidParameterValue', `Value ${VisibilityTimeout} for parameter VisibilityTimeout is invalid.`);
    if (!isInFlight(message, ReceiptHandle)) throw sdkError('MessageNotInflight', 'The message referred to is not in flight.');
    if (env.now() + VisibilityTimeout * 1000 > message.receivedAtMs + MAX_VISIBILITY_SECONDS * 1000) {
      throw sdkError('InvalidParameterValue', 'Total VisibilityTimeout for the message is beyond the limit [43200 seconds]');
    }
    named(message.queue).hide(message, VisibilityTimeout);
  };

  const oneOf = (input: OfQueue & ByReceipt, work: (entry: ByReceipt) => void): object => {
    at(input.QueueUrl);
    work(input);
    return {};
  };
  const batchOf = ({ QueueUrl, Entries = [] }: OfQueue & { readonly Entries?: readonly ByReceipt[] }, work: (entry: ByReceipt) => void) => {
    at(QueueUrl);
    checkBatch(Entries);
    return eachEntry(Entries, (entry) => {
      work(entry);
      return {};
    });
  };

  const machine = machineOf(
    'sqs',
    new Map<string, (input: never) => unknown>([
      [
        'GetQueueUrl',
        ({ QueueName }: { readonly QueueName: string }) => {
          named(QueueName);
          return { QueueUrl: url(QueueName) };
        },
      ],
      ['GetQueueAttributes', ({ QueueUrl }: OfQueue) => ({ Attributes: attributesOf(at(QueueUrl), env.now(), arn) })],
      [
        'SendMessage',
        ({ QueueUrl, ...entry }: OfQueue & SentEntry) => {
          const { messageId, sequence } = send(at(QueueUrl), entry);
          return { MessageId: messageId, ...(sequence !== undefined && { SequenceNumber: sequence }) };
        },
      ],
      [
        'SendMessageBatch',
        ({ QueueUrl, Entries = [] }: OfQueue & { readonly Entries?: readonly SentEntry[] }) => {
          const queue = at(QueueUrl);
          checkBatch(Entries);
          if (Entries.reduce((bytes, entry) => bytes + bytesOf(entry), 0) > MAX_BYTES) {
            throw sdkError('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.');
          }
          return eachEntry(Entries, (entry) => {
            const fault = options.failEntry?.(queue.definition.name, entry.MessageBody ?? '');
            if (fault === 'sender') throw sdkError('InvalidParameterValue', 'The simulation refuses this entry.');
            if (fault === 'server') throw sdkError('InternalError', 'The simulation fails this entry.', 500);
            const { messageId, sequence } = send(queue, entry);
            return { MessageId: messageId, ...(sequence !== undefined && { SequenceNumber: sequence }) };
          });
        },
      ],
      [
        'ReceiveMessage',
        ({ QueueUrl, MaxNumberOfMessages = 1 }: ReceiveInput) => {
          if (!(MaxNumberOfMessages >= 1 && MaxNumberOfMessages <= 10)) {
            throw sdkError('InvalidParameterValue', `Value ${MaxNumberOfMessages} for parameter MaxNumberOfMessages is invalid.`);
          }
          const given = take(at(QueueUrl), MaxNumberOfMessages);
          return given.length === 0 ? {} : { Messages: given.map(toSqsMessage) };
        },
      ],
      ['DeleteMessage', (input: OfQueue & ByReceipt) => oneOf(input, deleteOne)],
      ['ChangeMessageVisibility', (input: OfQueue & ByReceipt) => oneOf(input, hideOne)],
      ['DeleteMessageBatch', (input: OfQueue & { readonly Entries?: readonly ByReceipt[] }) => batchOf(input, deleteOne)],
      ['ChangeMessageVisibilityBatch', (input: OfQueue & { readonly Entries?: readonly ByReceipt[] }) => batchOf(input, hideOne)],
    ]),
  );
  return {
    ...machine,
    queues: [...queues.keys()],
    url,
    arn,
    receive: (queue, max) => take(named(queue), max).map((message) => toRecord(message, arn(queue))),
    delete: (receipt) => remove(receipt) === 'done',
    setVisibility(receipt, seconds) {
      const message = messageOf(receipt);
      if (!isInFlight(message, receipt)) return false;
      named(message.queue).hide(message, seconds);
      return true;
    },
    put: (queue, { body, delaySeconds, group, dedupId }) =>
      send(named(queue), {
        MessageBody: body,
        ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
        ...(group !== undefined && { MessageGroupId: group }),
        ...(dedupId !== undefined && { MessageDeduplicationId: dedupId }),
      }).messageId,
    visible: (queue) => named(queue).visible(),
    nextEventMs(queue) {
      let next: number | undefined;
      for (const one of queue === undefined ? queues.values() : [named(queue)]) {
        const ms = one.nextEventMs();
        if (ms !== undefined && (next === undefined || ms < next)) next = ms;
      }
      return next;
    },
    messages: (queue) => named(queue).all,
  };
}

function checkBatch(entries: readonly { readonly Id?: string }[]): void {
  if (entries.length === 0) throw sdkError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > MAX_ENTRIES)
    throw sdkError('TooManyEntriesInBatchRequest', `Maximum number of entries per request are ${MAX_ENTRIES}.`);
  const ids = new Set<string | undefined>();
  for (const { Id } of entries) {
    if (!ENTRY_ID.test(Id ?? ''))
      throw sdkError('InvalidBatchEntryId', 'A batch entry id can only contain alphanumeric characters, hyphens and underscores.');
    if (ids.has(Id)) throw sdkError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    ids.add(Id);
  }
}

/** Each on its own: what is thrown for one is its entry under `Failed`. */
function eachEntry<Entry extends { readonly Id?: string }>(entries: readonly Entry[], work: (entry: Entry) => object) {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...work(entry) });
    } catch (error) {
      const { name, message, $fault } = error as Error & { readonly $fault?: string };
      if ($fault === undefined) throw error;
      Failed.push({ Id: entry.Id, SenderFault: $fault === 'client', Code: name, Message: message });
    }
  }
  return { ...(Successful.length > 0 && { Successful }), ...(Failed.length > 0 && { Failed }) };
}
