/** The SQS event as Lambda hands it over: structural types of our own, proved against @types/aws-lambda by test/types. */

export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: {
    readonly ApproximateReceiveCount: string;
    readonly SentTimestamp: string;
    readonly SenderId?: string;
    readonly ApproximateFirstReceiveTimestamp?: string;
    readonly MessageGroupId?: string | undefined;
    readonly MessageDeduplicationId?: string | undefined;
    readonly SequenceNumber?: string | undefined;
    readonly AWSTraceHeader?: string | undefined;
    readonly DeadLetterQueueSourceArn?: string | undefined;
  };
  readonly messageAttributes: Readonly<Record<string, SqsRecordAttribute>>;
  readonly md5OfBody?: string;
  readonly eventSource: string;
  readonly eventSourceARN: string;
  readonly awsRegion?: string;
}

export interface SqsRecordAttribute {
  readonly stringValue?: string | undefined;
  readonly binaryValue?: string | undefined;
  readonly dataType: string;
}

export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** What a handler with ReportBatchItemFailures answers: the records that are not done. */
export interface SqsBatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/** The part of Lambda's context that is read. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
  readonly functionName?: string;
  readonly awsRequestId?: string;
}
