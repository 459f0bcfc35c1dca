/** './local': AWS on this machine, for development and tests. SQS, DynamoDB, Scheduler, the event source mapping, and Lambda for the real bundle. */

export { type LocalDynamoDB, type LocalDynamoDBOptions, startLocalDynamoDB } from './dynamodb.ts';
export {
  createEventSourceMapping,
  type EventSourceMapping,
  type EventSourceMappingOptions,
  type MappingEvent,
} from './event-source-mapping.ts';
export type { InvokeResult } from './invocation.ts';
export { type LambdaOptions, type LocalLambda, startLambda } from './lambda-function.ts';
export type { LambdaLogLine } from './lambda-process.ts';
export type { QueueDefinition } from './queue-definitions.ts';
export type { LocalSqsEvent, LocalSqsRecord, LocalSqsRecordAttribute } from './record.ts';
export type { FunctionResponseType } from './response-rules.ts';
export { type LocalScheduler, type LocalSchedulerOptions, startLocalScheduler } from './scheduler.ts';
export { type LocalSqs, type LocalSqsOptions, type PeekedMessage, type QueueDepth, startLocalSqs } from './sqs.ts';
