/**
 * SQS through the AWS SDK, which is imported when the first request is made and then kept: a function that only receives from
 * Lambda never pays for it.
 */

import { type AwsCredentials, checkRegion, importSdk, toSdkConfig } from '../../aws-sdk.ts';
import { kept } from '../../kept.ts';
import type { SqsApi, SqsReceived } from './api.ts';

/** Whatever sends the SDK's commands: an SQSClient, or a stand-in for one. */
export interface SqsClient {
  send(command: never, options?: { abortSignal?: AbortSignal; requestTimeout?: number }): Promise<unknown>;
}

export type SqsCredentials = AwsCredentials;

export interface SqsClientOptions {
  /** Default: as the SDK finds it (AWS_REGION, the profile). */
  readonly region?: string;
  /** Another address than AWS's, like `http://127.0.0.1:4566`. */
  readonly endpoint?: string;
  /** Default: as the SDK finds them. */
  readonly credentials?: SqsCredentials | (() => Promise<SqsCredentials>);
  /** A client of your own; region, endpoint and credentials are then its business, and so is closing it. */
  readonly client?: SqsClient;
}

/** A connection gone silent is noticed after so long, beyond what a long poll waits on purpose. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 5_000;

const OWN_CONFIG = {
  // The publisher has the one retry policy; two layers of it would multiply.
  maxAttempts: 1,
  // Queue URLs name the host they were looked up on, which behind a custom endpoint may not be reachable.
  useQueueUrlAsEndpoint: false,
  // A digest of each message, against what TLS rules out; where it did not match, messages that are queued would be sent again.
  md5: false as const,
};

export function createSqsApi(options: SqsClientOptions): SqsApi {
  const sdk = kept(() => importSdk('@aws-sdk/client-sqs', () => import('@aws-sdk/client-sqs')));
  let opened: { destroy(): void } | undefined;
  const own = kept(async () => {
    const { SQSClient } = await sdk();
    const client = new SQSClient({
      ...OWN_CONFIG,
      ...toSdkConfig(options, { connectionMs: CONNECTION_TIMEOUT_MS, requestMs: REQUEST_TIMEOUT_MS }),
    });
    await checkRegion(client, 'createSqsTransport');
    opened = client;
    return client;
  });

  /** Its answer's shape is the caller's word: a given client need not be the SDK's. */
  const perform = async <Answer>(command: object, settings?: Parameters<SqsClient['send']>[1]): Promise<Answer> => {
    const client: SqsClient = options.client ?? (await own());
    return ((await client.send(command as never, settings)) ?? {}) as Answer;
  };

  return {
    async getQueueUrl(queueName) {
      const { GetQueueUrlCommand } = await sdk();
      const { QueueUrl } = await perform<{ QueueUrl?: string }>(new GetQueueUrlCommand({ QueueName: queueName }));
      if (QueueUrl === undefined) throw new Error(`SQS answered without a URL for queue '${queueName}'.`);
      return QueueUrl;
    },
    async sendMessageBatch(queueUrl, entries) {
      const { SendMessageBatchCommand } = await sdk();
      return perform(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    },
    async receiveMessage(input, signal) {
      const { ReceiveMessageCommand } = await sdk();
      const command = new ReceiveMessageCommand({ ...input, MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] });
      const { Messages } = await perform<{ Messages?: readonly SqsReceived[] }>(command, {
        requestTimeout: input.WaitTimeSeconds * 1000 + REQUEST_TIMEOUT_MS,
        ...(signal !== undefined && { abortSignal: signal }),
      });
      return Messages ?? [];
    },
    async deleteMessage(queueUrl, receiptHandle) {
      const { DeleteMessageCommand } = await sdk();
      await perform(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
    },
    async changeMessageVisibility(queueUrl, receiptHandle, seconds) {
      const { ChangeMessageVisibilityCommand } = await sdk();
      await perform(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }));
    },
    async close() {
      opened?.destroy();
    },
  };
}
