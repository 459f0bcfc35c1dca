/** The sending path in one place: call → departure (queue, fields, text: departures.ts) → transport. */

import { allEnded } from '../all-ended.ts';
import { type ApplyOptions, checkOptions, type RetryPolicy } from '../canvas/call-options.ts';
import { fromWireOptions } from '../canvas/options-from-wire.ts';
import type { Plan, PlannedTask } from '../canvas/plan.ts';
import { EncodeError, OperationalError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import { isFifo, type Receipt } from '../transports/transport.ts';
import { chordCalls, noteChords } from './chords.ts';
import type { Connected } from './connection.ts';
import { currentRun } from './current.ts';
import { type Departure, deliverAll } from './deliver.ts';
import { createDepartures } from './departures.ts';
import type { Call } from './message-fields.ts';
import type { NextAttempt } from './next-attempt.ts';
import type { TaskDefaults } from './options.ts';
import type { Settings } from './settings.ts';
import type { PublishedTask, Signals } from './signals.ts';
import { trailChild } from './trail.ts';

export interface Publisher {
  /**
   * Sends one task; resolves with its id once the transport has accepted it, noted as a child of the running task unless `addToParent`
   * is false. `onWritten` is told how many characters it takes.
   * @throws the receipt's error
   */
  publish(call: Call, onWritten?: (characters: number) => void): Promise<string>;
  /**
   * Notes a plan's chords and sends its tasks. Rejects when one was not accepted; the others may have been. To publish it again sends
   * the same ids. @throws the first receipt's error, ImproperlyConfigured for a chord without a backend, BackendStoreError
   */
  publishPlan(plan: Plan, onWritten?: (characters: number) => void): Promise<void>;
  /** Sends the next attempt of a received task. @throws the receipt's error */
  publishRetry(attempt: NextAttempt): Promise<void>;
}

export interface PublisherOptions {
  readonly appName: string;
  readonly settings: Settings;
  readonly signals: Signals;
  readonly connected: () => Connected;
  /** The defaults of a task that is registered here. */
  readonly defaultsOf: (task: string) => TaskDefaults | undefined;
}

export function createPublisher({ appName, settings, signals, connected: connectedNow, defaultsOf }: PublisherOptions): Publisher {
  const { departureOf, nextDepartureOf } = createDepartures(appName, settings, defaultsOf);
  /** Most apps neither watch nor change what they send: for those there is no promise here beside that of the sending. */
  const send = (departures: readonly Departure[], policy: RetryPolicy | undefined, connected: Connected): Promise<readonly Receipt[]> => {
    const isPlain = connected.signing === undefined && connected.largeMessages === undefined;
    if (isPlain && !signals.has('beforeTaskPublish') && !signals.has('afterTaskPublish')) return deliverAll(departures, policy, connected);
    return sendPrepared(departures, policy, connected);
  };
  /** Sends, and tells observers before and after. */
  const sendPrepared = async (
    departures: readonly Departure[],
    policy: RetryPolicy | undefined,
    connected: Connected,
  ): Promise<readonly Receipt[]> => {
    const { logger = silentLogger } = connected;
    if (signals.has('beforeTaskPublish')) {
      for (const departure of departures) await signals.emit('beforeTaskPublish', published(departure), logger);
    }
    const isPrepared = connected.signing === undefined && connected.largeMessages === undefined;
    const ready = isPrepared ? departures : await (await import('./outbound.ts')).prepare(departures, connected);
    const receipts = await deliverAll(ready, policy, connected);
    if (signals.has('afterTaskPublish')) {
      const accepted = departures.filter((_, index) => receipts[index]!.ok);
      for (const departure of accepted) await signals.emit('afterTaskPublish', published(departure), logger);
    }
    return receipts;
  };
  return {
    async publish(call, onWritten) {
      checkOptions(call.options);
      checkRun(call.name);
      const connected = connectedNow();
      const departure = departureOf(call, connected);
      onWritten?.(departure.outgoing.body.length);
      checkAccepted(await send([departure], retryPolicy(call.options, settings), connected));
      if (call.options.addToParent !== false) trailChild(departure.taskId);
      return departure.taskId;
    },
    async publishPlan(plan, onWritten) {
      const connected = connectedNow();
      const tasks = plan.tasks.map((task) => toCall(task, defaultsOf));
      checkRun(tasks[0]?.name ?? 'The canvas');
      const unlocks = chordCalls(plan.chords, connected, (body) => departureOf(toCall(body, defaultsOf), connected).outgoing.queue);
      const calls = [...unlocks, ...tasks];
      // Everything is written before anything is noted or sent: what cannot be written leaves nothing behind.
      const departures = written(calls, (call) => departureOf(call, connected));
      for (const { outgoing } of departures) onWritten?.(outgoing.body.length);
      // Not waited for where there are none: what is called later would come first.
      if (plan.chords.length > 0) await noteChords(plan.chords, connected, settings.resultExpires);
      await allEnded(
        byPolicy(calls, departures).map(async ([options, some]) =>
          checkAccepted(await send(some, retryPolicy(options, settings), connected)),
        ),
      );
    },
    async publishRetry(attempt) {
      const connected = connectedNow();
      checkAccepted(await send([nextDepartureOf(attempt, connected)], settings.taskPublishRetryPolicy, connected));
    },
  };
}

/** @throws the first error of a message that was not accepted */
function checkAccepted(receipts: readonly Receipt[]): void {
  for (const receipt of receipts) if (!receipt.ok) throw receipt.error;
}

/** Everything of a plan is in memory before any of it is sent. Characters in all. */
const LONGEST_PLAN = 67_108_864;

/** @throws EncodeError for a plan that would take its worker with it: few bytes can stand for many messages, each with all of an argument */
function written(calls: readonly Call[], write: (call: Call) => Departure): readonly Departure[] {
  let left = LONGEST_PLAN;
  return calls.map((call) => {
    const departure = write(call);
    left -= departure.outgoing.body.length;
    if (left < 0) throw new EncodeError(`What is to be sent at once takes more than ${LONGEST_PLAN} characters; send it in parts.`);
    return departure;
  });
}

const published = ({ task, taskId: id, retries, outgoing: { queue } }: Departure): PublishedTask => ({ task, id, queue, retries });

/** A run that was given up at its limit sends nothing more. */
function checkRun(name: string): void {
  if (currentRun()?.over !== true) return;
  throw new OperationalError(`${name} is not sent: the task that sends it was given up at its time limit.`, { retryable: false });
}

function toCall({ task: name, args, kwargs, options }: PlannedTask, defaultsOf: PublisherOptions['defaultsOf']): Call {
  const { route_name: routeName } = options;
  return {
    name,
    ...(typeof routeName === 'string' && { routeName }),
    args,
    kwargs,
    options: fromWireOptions(options),
    defaults: defaultsOf(name),
  };
}

type PolicyRun = readonly [ApplyOptions, readonly Departure[]];

/**
 * Most calls are tried again as the settings say, and go together; those that say it themselves go alone. Where a FIFO queue is among
 * them, those that go together are those that stand together.
 */
function byPolicy(calls: readonly Call[], departures: readonly Departure[]): readonly PolicyRun[] {
  const keepsOrder = departures.some(({ outgoing }) => isFifo(outgoing.queue));
  const runs: PolicyRun[] = [];
  let common: Departure[] | undefined;
  for (const [index, { options }] of calls.entries()) {
    const departure = departures[index]!;
    if (options.retry !== undefined || options.retryPolicy !== undefined) {
      runs.push([options, [departure]]);
      if (keepsOrder) common = undefined;
    } else if (common === undefined) {
      common = [departure];
      runs.push([{}, common]);
    } else {
      common.push(departure);
    }
  }
  return runs;
}

function retryPolicy(options: ApplyOptions, settings: Settings): ApplyOptions['retryPolicy'] {
  const retries = options.retry ?? settings.taskPublishRetry;
  if (options.retryPolicy === undefined) return retries ? settings.taskPublishRetryPolicy : undefined;
  return retries ? { ...settings.taskPublishRetryPolicy, ...options.retryPolicy } : undefined;
}
