/**
 * The simulator's AWS: SQS, DynamoDB, S3 and EventBridge Scheduler as pure, synchronous state machines at the level of SDK commands.
 * The production code runs over them through its `client` option: `createSqsTransport({ client: clientOf(sqs, call) })`.
 */

export type {
  Received,
  SimDynamoDB,
  SimDynamoDBOptions,
  SimItem,
  SimMessage,
  SimMessageState,
  SimObject,
  SimQueueDefinition,
  SimS3,
  SimS3Options,
  SimSchedule,
  SimScheduler,
  SimSchedulerOptions,
  SimScheduleTarget,
  SimSqs,
  SimSqsEvent,
  SimSqsOptions,
  SimTableDefinition,
  SimValue,
} from './contract.ts';
export { createSimDynamoDB } from './dynamodb.ts';
export { type Call, clientOf, type Env, type Machine, type SimClient, sdkError } from './machine.ts';
export { createSimS3 } from './s3.ts';
export { createSimScheduler } from './scheduler.ts';
export { createSimSqs } from './sqs.ts';
