/** '.': declaring tasks and sending them. */

export { type App, createApp } from './app/app.ts';
export type { Connection } from './app/connection.ts';
export type { StateUpdate, TaskContext } from './app/context.ts';
export type { Control, RevokeOptions } from './app/control.ts';
export { currentTask } from './app/current.ts';
export {
  createDeadLetters,
  type DeadLetter,
  type DeadLetterFields,
  type DeadLetterFilter,
  type DeadLetters,
  type DeadLettersOptions,
  type PurgeDeadLetters,
  type ReadDeadLetters,
  type RedriveDeadLetters,
} from './app/dead-letters.ts';
export type { AnyTask, Args, Task, TaskArgs, TaskKwargs, TaskOptions, TaskRef, TaskResult, UniqueOptions } from './app/definition.ts';
export type { ArgsRepr, ErrorClass, IdempotentOptions, TaskDefaults } from './app/options.ts';
export { MaxRetriesExceededError, Retry, type RetryOptions } from './app/retry.ts';
export type { Route, Router, Routes, RouteTable } from './app/routes.ts';
export type { Sendable, SendableTasks } from './app/send-tasks.ts';
export type { Settings, UnknownTaskAnswer, UnknownTaskPolicy } from './app/settings.ts';
export type { Observer, PublishedTask, SignalName, SignalPayloads } from './app/signals.ts';
export type { TaskRequest } from './app/task-request.ts';
export type {
  ChordComplete,
  ChordCount,
  ChordJoin,
  ChordPart,
  ChordStart,
  ChordStore,
  GroupStore,
  Keeping,
  ResultBackend,
} from './backends/backend.ts';
export type { ApplyOptions, RetryPolicy } from './canvas/call-options.ts';
export { type Chain, type Chained, chain } from './canvas/chain.ts';
export { type Chord, chord } from './canvas/chord.ts';
export { Chunks } from './canvas/chunks.ts';
export { type Group, group } from './canvas/group.ts';
export { type AnySignature, Signature } from './canvas/signature.ts';
export type { StampingVisitor, Stamps } from './canvas/stamping.ts';
export type { AnyStep, Step } from './canvas/step.ts';
export { type Clock, systemClock } from './clock.ts';
export * from './errors.ts';
export type { AwsPointer, LargeMessages } from './large-messages/large-messages.ts';
export type { LargeMessageName } from './large-messages/name.ts';
export type { Ledger } from './ledgers/ledger.ts';
export { createJsonLogger, type Logger, type LogLine, silentLogger } from './logger.ts';
export { AsyncResult } from './results/async-result.ts';
export type { GroupResult, Member, Members } from './results/group-result.ts';
export type { ResultBase } from './results/result-base.ts';
export type { GetOptions } from './results/source.ts';
export type { Scheduler } from './schedulers/scheduler.ts';
export type { SigningKey, SigningOptions } from './signing/signing.ts';
export * as states from './states.ts';
export type {
  Deadline,
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
