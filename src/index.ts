/** '.': declaring tasks and sending them. */

export { type App, createApp } from './app/app.ts';
export type { Connection } from './app/connection.ts';
export type { TaskContext, TaskRequest } from './app/context.ts';
export type { AnyTask, Args, Task, TaskArgs, TaskKwargs, TaskOptions, TaskRef, TaskResult } from './app/definition.ts';
export type { ApplyOptions, RetryPolicy, TaskDefaults } from './app/options.ts';
export { AsyncResult, type GetOptions } from './app/result.ts';
export type { Route, Router, Routes, RouteTable } from './app/routes.ts';
export type { Settings } from './app/settings.ts';
export type { ResultBackend } from './backends/backend.ts';
export { type AnySignature, Signature } from './canvas/signature.ts';
export { type Clock, systemClock } from './clock.ts';
export * from './errors.ts';
export { createJsonLogger, type Logger, type LogLine, silentLogger } from './logger.ts';
export * as states from './states.ts';
export type {
  Delivery,
  Inbox,
  Limits,
  MessageAttribute,
  MessageAttributes,
  Outgoing,
  Receipt,
  ReceiveOptions,
  Transport,
} from './transports/transport.ts';
export { Decimal, PyDate, PyDateTime, PyTime, Uuid } from './wire/values.ts';
