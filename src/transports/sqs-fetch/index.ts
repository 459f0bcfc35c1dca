/** './transports/sqs-fetch': SQS without the AWS SDK, for the edge and for short cold starts. What it does with messages is sqs/'s. */

export type { SqsTransport } from '../sqs/late.ts';
export type { PredefinedQueue } from '../sqs/predefined.ts';
export type { QueueOptions } from '../sqs/queues.ts';
export type { SqsFetchCredentialProvider, SqsFetchCredentials } from './credentials.ts';
export type { SqsFetchClientOptions } from './open.ts';
export type { PlaceOptions } from './place.ts';
// By `*`: a bundler that splits takes a named export for a use of this file.
export * from './sqs-fetch-transport.ts';
