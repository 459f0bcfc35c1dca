/** The sending path in one place: call → queue → fields → text → transport. */

import { isFifo, type Outgoing, type Receipt } from '../transports/transport.ts';
import { createEncoders } from '../wire/codecs.ts';
import { type WriteOptions, writeMessage } from '../wire/protocol-write.ts';
import type { Connected } from './connection.ts';
import { planWait } from './delay.ts';
import { buildFields, type Call, type Sender } from './message-fields.ts';
import { type ApplyOptions, checkOptions } from './options.ts';
import { sendWithRetry } from './publish-retry.ts';
import { createRouteLookup, type RouteLookup } from './routes.ts';
import type { Settings } from './settings.ts';

export interface Publisher {
  /** Sends one task; resolves with its id once the transport has accepted it. @throws the receipt's error */
  publish(call: Call): Promise<string>;
}

export interface PublisherOptions {
  readonly appName: string;
  readonly settings: Settings;
  readonly connected: () => Connected;
}

/** What is the same for every message, worked out once. */
interface PublisherParts {
  readonly sender: Sender;
  readonly writeOptions: WriteOptions;
  readonly route: RouteLookup;
}

export function createPublisher({ appName, settings, connected: connectedNow }: PublisherOptions): Publisher {
  const route = createRouteLookup(settings.taskRoutes);
  const sender: Sender = {
    settings,
    encoders: createEncoders(settings.codecs),
    origin: `celeriac@${appName}`,
    replyTo: crypto.randomUUID(),
  };
  const parts: PublisherParts = { sender, writeOptions: writeOptionsOf(settings), route };
  return {
    async publish(call) {
      checkOptions(call.options);
      const connected = connectedNow();
      const outgoing = toOutgoing(withRoute(call, route), parts, connected);
      const [receipt] = await sendWithRetry(connected.transport, [outgoing], retryPolicy(call.options, parts), connected.clock);
      return acceptedId(outgoing, receipt!);
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

function toOutgoing(call: Call, { sender, writeOptions }: PublisherParts, { transport, clock }: Connected): Outgoing {
  const { options, defaults } = call;
  const queue = options.queue ?? defaults?.queue ?? sender.settings.taskDefaultQueue;
  const now = clock.now();
  const { fields, etaMs } = buildFields(call, queue, sender, now);
  const delaySeconds = options.delaySeconds ?? delayFor(queue, etaMs, now, transport.limits.delaySeconds);
  const messageGroupId = options.messageGroupId ?? defaults?.messageGroupId;
  const { messageDeduplicationId, messageAttributes } = options;
  return {
    queue,
    id: fields.id,
    body: writeMessage(fields, writeOptions),
    ...(delaySeconds > 0 && { delaySeconds }),
    ...(messageGroupId !== undefined && { messageGroupId }),
    ...(messageDeduplicationId !== undefined && { messageDeduplicationId }),
    ...(messageAttributes !== undefined && { attributes: messageAttributes }),
  };
}

/** FIFO queues take no delay per message: there the receiver makes the task wait. */
function delayFor(queue: string, etaMs: number | undefined, nowMs: number, longestSeconds: number): number {
  return etaMs === undefined || isFifo(queue) ? 0 : planWait(etaMs, nowMs, longestSeconds).delaySeconds;
}

function retryPolicy(options: ApplyOptions, { sender: { settings } }: PublisherParts): ApplyOptions['retryPolicy'] {
  const retries = options.retry ?? settings.taskPublishRetry;
  return retries ? { ...settings.taskPublishRetryPolicy, ...options.retryPolicy } : undefined;
}

function acceptedId(outgoing: Outgoing, receipt: Receipt): string {
  if (receipt.ok) return outgoing.id;
  throw receipt.error;
}
