/**
 * './transports/sqs': Celery's queues on SQS, as kombu lays them out. Sending is send.ts, polling receive.ts, names and URLs
 * names.ts and queues.ts; the AWS SDK is client.ts's alone.
 */

export type { SqsClient, SqsClientOptions, SqsCredentials } from './client.ts';
export { toSqsName } from './names.ts';
export type { PredefinedQueue } from './predefined.ts';
export type { QueueOptions } from './queues.ts';
// By `*`: a bundler that splits takes a named export for a use of this file, and with it of names.ts.
export * from './sqs-transport.ts';
