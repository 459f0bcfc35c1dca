/** Typed observers (celery.signals): they watch, they never steer. What one throws is logged and changes nothing. */

import { errorFields, type Logger } from '../logger.ts';
import type { TaskRequest } from './task-request.ts';

/** A message on its way out. */
export interface PublishedTask {
  readonly task: string;
  readonly id: string;
  readonly queue: string;
  readonly retries: number;
}

/** What each signal tells. */
export interface SignalPayloads {
  readonly beforeTaskPublish: PublishedTask;
  /** The transport has accepted it. */
  readonly afterTaskPublish: PublishedTask;
  /** Received, neither expired nor revoked. */
  readonly taskReceived: { readonly request: TaskRequest };
  readonly taskPrerun: { readonly request: TaskRequest };
  /** Ended, however; `state` as Celery names it. */
  readonly taskPostrun: { readonly request: TaskRequest; readonly state: string };
  readonly taskSuccess: { readonly request: TaskRequest; readonly result: unknown };
  readonly taskFailure: { readonly request: TaskRequest; readonly error: unknown };
  readonly taskRetry: { readonly request: TaskRequest; readonly error: unknown };
  /** Expired or revoked. */
  readonly taskRevoked: { readonly request: TaskRequest; readonly expired: boolean };
  /** A message that cannot be run. */
  readonly taskRejected: { readonly messageId: string; readonly queue: string; readonly code: string; readonly reason: string };
  readonly taskUnknown: { readonly request: TaskRequest };
}

export type SignalName = keyof SignalPayloads;
export type Observer<N extends SignalName> = (payload: SignalPayloads[N]) => unknown;

/** The observers of one app. */
export class Signals {
  readonly #observers = new Map<SignalName, Set<Observer<SignalName>>>();

  /** Adds an observer. @returns a function that takes it away again */
  on<N extends SignalName>(name: N, observer: Observer<N>): () => void {
    const observers = this.#observers.get(name) ?? new Set();
    this.#observers.set(name, observers);
    observers.add(observer as Observer<SignalName>);
    return () => void observers.delete(observer as Observer<SignalName>);
  }

  /** True while nobody ever listened. */
  isSilent(): boolean {
    return this.#observers.size === 0;
  }

  has(name: SignalName): boolean {
    return (this.#observers.get(name)?.size ?? 0) > 0;
  }

  /** Tells all observers, and waits for those that take their time, so that nothing of theirs is left running. */
  async emit<N extends SignalName>(name: N, payload: SignalPayloads[N], logger: Logger): Promise<void> {
    for (const observer of this.#observers.get(name) ?? []) await quietly(() => observer(payload), `observer of ${name} failed`, logger);
  }
}

/** Calls what may not change the course of things: what it throws is logged. */
export async function quietly(call: () => unknown, message: string, logger: Logger): Promise<void> {
  try {
    await call();
  } catch (error) {
    logger.error({
      message,
      error: error instanceof Error ? errorFields(error) : String(error),
    });
  }
}
