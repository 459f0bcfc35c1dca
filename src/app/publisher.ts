/** The sending path in one place: call → queue → fields → text → transport. */

import { OperationalError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import type { Outgoing } from '../transports/transport.ts';
import { createEncoders } from '../wire/codecs.ts';
import { type WriteOptions, writeMessage } from '../wire/protocol-write.ts';
import type { Connected } from './connection.ts';
import { currentRun } from './current.ts';
import { type Departure, deliver } from './deliver.ts';
import { withoutHops } from './hops.ts';
import { buildFields, type Call, type Sender } from './message-fields.ts';
import { attemptId, buildNextAttempt, type NextAttempt } from './next-attempt.ts';
import { type ApplyOptions, checkOptions, type RetryPolicy } from './options.ts';
import { queueForPriority } from './priority.ts';
import { createRouteLookup, type RouteLookup } from './routes.ts';
import type { Settings } from './settings.ts';
import type { Signals } from './signals.ts';

export interface Publisher {
  /** Sends one task; resolves with its id once the transport has accepted it. @throws the receipt's error */
  publish(call: Call): Promise<string>;
  /** Sends the next attempt of a received task. @throws the receipt's error */
  publishRetry(attempt: NextAttempt): Promise<void>;
}

export interface PublisherOptions {
  readonly appName: string;
  readonly settings: Settings;
  readonly signals: Signals;
  readonly connected: () => Connected;
}

/** What is the same for every message, worked out once. */
interface PublisherParts {
  readonly sender: Sender;
  readonly writeOptions: WriteOptions;
  readonly route: RouteLookup;
}

export function createPublisher({ appName, settings, signals, connected: connectedNow }: PublisherOptions): Publisher {
  const route = createRouteLookup(settings.taskRoutes);
  const sender: Sender = {
    settings,
    encoders: createEncoders(settings.codecs),
    origin: `celeriac@${appName}`,
    replyTo: crypto.randomUUID(),
  };
  const parts: PublisherParts = { sender, writeOptions: writeOptionsOf(settings), route };
  /** Sends, and tells observers before and after. Rejects with the receipt's error: nothing was queued then. */
  const send = async (task: string, departure: Departure, policy: RetryPolicy | undefined, connected: Connected): Promise<void> => {
    const { outgoing, taskId, retries } = departure;
    const published = { task, id: taskId, queue: outgoing.queue, retries };
    const { logger = silentLogger } = connected;
    if (signals.has('beforeTaskPublish')) await signals.emit('beforeTaskPublish', published, logger);
    const receipt = await deliver(departure, policy, connected);
    if (!receipt.ok) throw receipt.error;
    if (signals.has('afterTaskPublish')) await signals.emit('afterTaskPublish', published, logger);
  };
  return {
    async publish(call) {
      checkOptions(call.options);
      if (currentRun()?.over)
        throw new OperationalError(`${call.name} is not sent: the task that sends it was given up at its time limit.`, {
          retryable: false,
        });
      const connected = connectedNow();
      const departure = toDeparture(withRoute(call, route), parts, connected);
      await send(call.name, departure, retryPolicy(call.options, parts), connected);
      return departure.taskId;
    },
    async publishRetry(attempt) {
      const connected = connectedNow();
      const { task } = attempt.message.headers;
      await send(task, toNextDeparture(attempt, parts, connected), settings.taskPublishRetryPolicy, connected);
    },
  };
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
  const routed = route(call.name, call.args, call.kwargs, call.options);
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
  const outgoing: Outgoing = {
    queue,
    id: fields.id,
    body: writeMessage(fields, writeOptions),
    ...(delaySeconds !== undefined && delaySeconds > 0 && { delaySeconds }),
    ...(messageGroupId !== undefined && { messageGroupId }),
    ...(messageDeduplicationId !== undefined && { messageDeduplicationId }),
    ...(messageAttributes !== undefined && { attributes: messageAttributes }),
  };
  // A delay asked for is SQS's own; the worker sees to what is left of an eta.
  return { outgoing, etaMs: delaySeconds === undefined ? etaMs : undefined, taskId: fields.id, retries: fields.retries ?? 0 };
}

function toNextDeparture(attempt: NextAttempt, { sender, writeOptions }: PublisherParts, { clock }: Connected): Departure {
  const { fields, place } = buildNextAttempt(attempt, sender, clock.now());
  const { messageGroupId, attributes } = attempt.delivery;
  const outgoing: Outgoing = {
    queue: place.queue,
    ownName: place.ownName,
    id: attemptId(attempt),
    body: writeMessage(fields, writeOptions),
    ...(messageGroupId !== undefined && { messageGroupId }),
    ...(attributes !== undefined && { attributes: withoutHops(attributes) }),
  };
  return { outgoing, etaMs: place.etaMs, taskId: fields.id, retries: attempt.retries };
}

function retryPolicy(options: ApplyOptions, { sender: { settings } }: PublisherParts): ApplyOptions['retryPolicy'] {
  const retries = options.retry ?? settings.taskPublishRetry;
  return retries ? { ...settings.taskPublishRetryPolicy, ...options.retryPolicy } : undefined;
}
