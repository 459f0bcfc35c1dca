/**
 * The five SQS operations as the rest of this folder uses them, in SQS's own spelling. Only client.ts knows who performs them,
 * so no type of the SDK reaches our public types.
 */

export interface SqsAttributeValue {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

export type SqsAttributes = Record<string, SqsAttributeValue>;

export interface SqsEntry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes?: SqsAttributes;
  readonly MessageSystemAttributes?: { readonly AWSTraceHeader: SqsAttributeValue };
}

export interface SqsBatchAnswer {
  readonly Successful?: readonly { readonly Id?: string | undefined; readonly MessageId?: string | undefined }[] | undefined;
  readonly Failed?: readonly SqsFailedEntry[] | undefined;
}

export interface SqsFailedEntry {
  readonly Id?: string | undefined;
  readonly SenderFault?: boolean | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

export interface SqsReceived {
  readonly MessageId?: string | undefined;
  readonly ReceiptHandle?: string | undefined;
  readonly Body?: string | undefined;
  readonly Attributes?: Readonly<Record<string, string | undefined>> | undefined;
  readonly MessageAttributes?: Readonly<Record<string, SqsReceivedAttribute>> | undefined;
}

export interface SqsReceivedAttribute {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

export interface SqsReceiveInput {
  readonly QueueUrl: string;
  readonly MaxNumberOfMessages: number;
  readonly WaitTimeSeconds: number;
}

export interface SqsApi {
  getQueueUrl(queueName: string): Promise<string>;
  sendMessageBatch(queueUrl: string, entries: SqsEntry[]): Promise<SqsBatchAnswer>;
  /** With every system attribute and every message attribute. */
  receiveMessage(input: SqsReceiveInput, signal?: AbortSignal): Promise<readonly SqsReceived[]>;
  deleteMessage(queueUrl: string, receiptHandle: string): Promise<void>;
  changeMessageVisibility(queueUrl: string, receiptHandle: string, seconds: number): Promise<void>;
  close(): Promise<void>;
}
