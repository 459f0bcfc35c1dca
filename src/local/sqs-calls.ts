/**
 * The few SQS calls the local parts make themselves, in SQS's JSON protocol over fetch: no SDK, no signing.
 * Only for local servers, which check no signatures; sending to the real SQS is transports/sqs.
 */

import { OperationalError } from '../errors.ts';
import type { ReceivedMessage } from './record.ts';

export interface SqsCalls {
  call(action: string, input: object): Promise<unknown>;
  /** Up to ten messages with all their attributes; waits so many whole seconds for the first. */
  receive(queueUrl: string, max: number, waitSeconds: number): Promise<readonly ReceivedMessage[]>;
  /** Deletes by receipt handle and answers the handles that could not be deleted. */
  remove(queueUrl: string, receiptHandles: readonly string[]): Promise<ReadonlySet<string>>;
}

/** SQS takes at most ten entries in a batch call. */
const BATCH_ENTRIES = 10;

/** @throws OperationalError, retryable, when the server answers with an error or not at all. */
export function createSqsCalls(target: { readonly endpoint: string; readonly region: string }): SqsCalls {
  const call = async (action: string, input: object): Promise<unknown> => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
      // Local servers read the region out of the credential scope and look no further.
      authorization: `AWS4-HMAC-SHA256 Credential=local/20200101/${target.region}/sqs/aws4_request, SignedHeaders=host, Signature=none`,
    };
    const response = await fetch(target.endpoint, { method: 'POST', headers, body: JSON.stringify(input) }).catch((cause: unknown) => {
      throw new OperationalError(`The local SQS at ${target.endpoint} cannot be reached.`, { retryable: true, cause });
    });
    const text = await response.text();
    if (!response.ok) throw new OperationalError(`${action} failed with ${response.status}: ${text}`, { retryable: true });
    return text === '' ? undefined : JSON.parse(text);
  };

  return {
    call,
    receive: async (queueUrl, max, waitSeconds) => {
      const answer = (await call('ReceiveMessage', {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(max, BATCH_ENTRIES),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      })) as { readonly Messages?: readonly ReceivedMessage[] };
      return answer.Messages ?? [];
    },
    remove: async (queueUrl, receiptHandles) => {
      const failed = new Set<string>();
      for (let start = 0; start < receiptHandles.length; start += BATCH_ENTRIES) {
        const handles = receiptHandles.slice(start, start + BATCH_ENTRIES);
        const answer = (await call('DeleteMessageBatch', {
          QueueUrl: queueUrl,
          Entries: handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
        })) as { readonly Failed?: readonly { readonly Id: string }[] };
        for (const { Id } of answer.Failed ?? []) failed.add(handles[Number(Id)]!);
      }
      return failed;
    },
  };
}
