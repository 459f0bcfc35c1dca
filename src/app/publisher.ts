/** The sending path in one place: call → queue → fields → text → transport. */

import { allEnded } from '../all-ended.ts';
import { type ApplyOptions, checkOptions, type RetryPolicy } from '../canvas/call-options.ts';
import { fromWireOptions } from '../canvas/options-from-wire.ts';
import type { Plan, PlannedTask } from '../canvas/plan.ts';
import { EncodeError, OperationalError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import type { Outgoing, Receipt } from '../transports/transport.ts';
import { createEncoders } from '../wire/codecs.ts';
import { type WriteOptions, writeMessage } from '../wire/protocol-write.ts';
import { chordCalls, noteChords } from './chords.ts';
import type { Connected } from './connection.ts';
import { currentRun } from './current.ts';
import { redrivenAttributes } from './dead-letter-attributes.ts';
import { type Departure, deliverAll } from './deliver.ts';
import { withoutHops } from './hops.ts';
import { buildFields, type Call, type Sender } from './message-fields.ts';
import { attemptId, buildNextAttempt, type NextAttempt } from './next-attempt.ts';
import type { TaskDefaults } from './options.ts';
import { queueForPriority } from './priority.ts';
import { createRouteLookup, type RouteLookup } from './routes.ts';
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

/** What is the same for every message, worked out once. */
interface PublisherParts {
  readonly sender: Sender;
  readonly writeOptions: WriteOptions;
  readonly route: RouteLookup;
}

export function createPublisher({ appName, settings, signals, connected: connectedNow, defaultsOf }: PublisherOptions): Publisher {
  const route = createRouteLookup(settings.taskRoutes);
  const sender: Sender = {
    settings,
    encoders: createEncoders(settings.codecs),
    origin: `celeriac@${appName}`,
    replyTo: crypto.randomUUID(),
    defaultsOf,
  };
  const parts: PublisherParts = { sender, writeOptions: writeOptionsOf(settings), route };
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
  const depart = (call: Call, connected: Connected): Departure => toDeparture(withRoute(call, route), parts, connected);
  return {
    async publish(call, onWritten) {
      checkOptions(call.options);
      checkRun(call.name);
      const connected = connectedNow();
      const departure = depart(call, connected);
      onWritten?.(departure.outgoing.body.length);
      checkAccepted(await send([departure], retryPolicy(call.options, parts), connected));
      if (call.options.addToParent !== false) trailChild(departure.taskId);
      return departure.taskId;
    },
    async publishPlan(plan, onWritten) {
      const connected = connectedNow();
      const tasks = plan.tasks.map((task) => toCall(task, defaultsOf));
      checkRun(tasks[0]?.name ?? 'The canvas');
      const unlocks = chordCalls(plan.chords, connected, (body) => depart(toCall(body, defaultsOf), connected).outgoing.queue);
      const calls = [...unlocks, ...tasks];
      // Everything is written before anything is noted or sent: what cannot be written leaves nothing behind.
      const departures = written(calls, (call) => depart(call, connected));
      for (const { outgoing } of departures) onWritten?.(outgoing.body.length);
      // Not waited for where there are none: what is called later would come first.
      if (plan.chords.length > 0) await noteChords(plan.chords, connected, settings.resultExpires);
      await allEnded(
        byPolicy(calls, departures).map(async ([options, some]) => checkAccepted(await send(some, retryPolicy(options, parts), connected))),
      );
    },
    async publishRetry(attempt) {
      const connected = connectedNow();
      checkAccepted(await send([toNextDeparture(attempt, parts, connected)], settings.taskPublishRetryPolicy, connected));
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

/** Most calls are tried again as the settings say, and go together; those that say it themselves go alone. */
function byPolicy(calls: readonly Call[], departures: readonly Departure[]): readonly (readonly [ApplyOptions, readonly Departure[]])[] {
  const common: Departure[] = [];
  const own: (readonly [ApplyOptions, readonly Departure[]])[] = [];
  for (const [index, { options }] of calls.entries()) {
    const departure = departures[index]!;
    if (options.retry === undefined && options.retryPolicy === undefined) common.push(departure);
    else own.push([options, [departure]]);
  }
  return common.length === 0 ? own : [[{}, common], ...own];
}

function writeOptionsOf({
  brokerTransportOptions: { sqsBase64Encoding, bodyEncoding },
  taskProtocol,
  taggedValues,
  compressions,
}: Settings): WriteOptions {
  return {
    base64Envelope: sqsBase64Encoding ?? true,
    bodyEncoding: bodyEncoding === undefined ? 'base64' : bodyEncoding,
    taskProtocol,
    untagged: !taggedValues,
    compressions,
  };
}

/** Options of the route stand under those of the task and of the call (celery Task.apply_async, Router.route). */
function withRoute(call: Call, route: RouteLookup): Call {
  const routed = route(call.routeName ?? call.name, call.args, call.kwargs, call.options);
  if (routed === undefined) return call;
  const { defaults } = call;
  const open =
    defaults === undefined ? routed : Object.fromEntries(Object.entries(routed).filter(([name]) => !Object.hasOwn(defaults, name)));
  return { ...call, options: { ...open, ...call.options } };
}

function toDeparture(call: Call, { sender, writeOptions }: PublisherParts, { clock }: Connected): Departure {
  const { options, defaults } = call;
  const { taskDefaultQueue, taskDefaultPriority, taskPriorityQueues } = sender.settings;
  const priority = options.priority ?? defaults?.priority ?? taskDefaultPriority ?? undefined;
  const queue = queueForPriority(options.queue ?? defaults?.queue ?? taskDefaultQueue, priority, taskPriorityQueues);
  const { fields, etaMs } = buildFields(call, queue, sender, clock.now());
  const messageGroupId = options.messageGroupId ?? defaults?.messageGroupId;
  const { delaySeconds, messageDeduplicationId, messageAttributes } = options;
  const plain: Outgoing = {
    queue,
    id: fields.id,
    body: writeMessage(fields, writeOptions),
  };
  const isPlain =
    delaySeconds === undefined && messageGroupId === undefined && messageDeduplicationId === undefined && messageAttributes === undefined;
  const outgoing: Outgoing = isPlain
    ? plain
    : {
        ...plain,
        ...(delaySeconds !== undefined && delaySeconds > 0 && { delaySeconds }),
        ...(messageGroupId !== undefined && { messageGroupId }),
        ...(messageDeduplicationId !== undefined && { messageDeduplicationId }),
        ...(messageAttributes !== undefined && { attributes: messageAttributes }),
      };
  // A delay asked for is SQS's own; the worker sees to what is left of an eta.
  return {
    outgoing,
    etaMs: delaySeconds === undefined ? etaMs : undefined,
    dueMs: etaMs,
    task: call.name,
    taskId: fields.id,
    retries: fields.retries ?? 0,
  };
}

function toNextDeparture(attempt: NextAttempt, { sender, writeOptions }: PublisherParts, { clock }: Connected): Departure {
  const { fields, place } = buildNextAttempt(attempt, sender, clock.now());
  const { messageGroupId } = attempt.delivery;
  const attributes = redrivenAttributes(attempt.delivery);
  const outgoing: Outgoing = {
    queue: place.queue,
    ownName: place.ownName,
    id: attemptId(attempt),
    body: writeMessage(fields, writeOptions),
    ...(messageGroupId !== undefined && { messageGroupId }),
    ...(attributes !== undefined && { attributes: withoutHops(attributes) }),
  };
  return { outgoing, etaMs: place.etaMs, task: fields.task, taskId: fields.id, retries: attempt.retries };
}

function retryPolicy(options: ApplyOptions, { sender: { settings } }: PublisherParts): ApplyOptions['retryPolicy'] {
  const retries = options.retry ?? settings.taskPublishRetry;
  if (options.retryPolicy === undefined) return retries ? settings.taskPublishRetryPolicy : undefined;
  return retries ? { ...settings.taskPublishRetryPolicy, ...options.retryPolicy } : undefined;
}
