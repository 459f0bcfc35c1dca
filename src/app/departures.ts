/** From a call to the message that leaves: its route and queue, its fields, its text. Sends nothing. */

import type { Outgoing } from '../transports/transport.ts';
import { createEncoders } from '../wire/codecs.ts';
import { type WriteOptions, writeMessage } from '../wire/protocol-write.ts';
import type { Connected } from './connection.ts';
import { redrivenAttributes } from './dead-letter-attributes.ts';
import type { Departure } from './deliver.ts';
import { withoutHops } from './hops.ts';
import { buildFields, type Call, type Sender } from './message-fields.ts';
import { attemptId, buildNextAttempt, type NextAttempt } from './next-attempt.ts';
import { queueForPriority } from './priority.ts';
import { createRouteLookup, type RouteLookup } from './routes.ts';
import type { Settings } from './settings.ts';

export interface Departures {
  /** @throws EncodeError, ImproperlyConfigured */
  departureOf(call: Call, connected: Connected): Departure;
  nextDepartureOf(attempt: NextAttempt, connected: Connected): Departure;
}

/** What is the same for every message, worked out once. */
interface WritingParts {
  readonly sender: Sender;
  readonly writeOptions: WriteOptions;
}

export function createDepartures(appName: string, settings: Settings, defaultsOf: Sender['defaultsOf']): Departures {
  const route = createRouteLookup(settings.taskRoutes);
  const sender: Sender = {
    settings,
    encoders: createEncoders(settings.codecs),
    origin: `celeriac@${appName}`,
    replyTo: crypto.randomUUID(),
    defaultsOf,
  };
  const parts: WritingParts = { sender, writeOptions: writeOptionsOf(settings) };
  return {
    departureOf: (call, connected) => toDeparture(withRoute(call, route), parts, connected),
    nextDepartureOf: (attempt, connected) => toNextDeparture(attempt, parts, connected),
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
  const routed = route(call.routeName ?? call.name, call.args, call.kwargs, call.options);
  if (routed === undefined) return call;
  const { defaults } = call;
  const open =
    defaults === undefined ? routed : Object.fromEntries(Object.entries(routed).filter(([name]) => !Object.hasOwn(defaults, name)));
  return { ...call, options: { ...open, ...call.options } };
}

function toDeparture(call: Call, { sender, writeOptions }: WritingParts, { clock }: Connected): Departure {
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

function toNextDeparture(attempt: NextAttempt, { sender, writeOptions }: WritingParts, { clock }: Connected): Departure {
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
