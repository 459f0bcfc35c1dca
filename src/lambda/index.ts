/** './lambda': the worker as a Lambda function. */

export type { LambdaContext, SqsBatchResponse, SqsEvent, SqsRecord, SqsRecordAttribute } from './event.ts';
export { createHandler, type HandlerOptions, type SqsHandler } from './handler.ts';
