/**
 * SQS in this process: fauxqs on loopback, with the queues asked for. Speaks SQS's JSON protocol to any client.
 * What a queue may be is queue-definitions.ts; receiving for a function is event-source-mapping.ts.
 */

import { ImproperlyConfigured } from '../errors.ts';
import { checkQueueDefinitions, LOCAL_ACCOUNT, type QueueDefinition, toQueueArn, toQueueAttributes } from './queue-definitions.ts';
import { createSqsCalls } from './sqs-calls.ts';

export interface LocalSqsOptions {
  /** Port on 127.0.0.1; default 0, any that is free. */
  readonly port?: number;
  /** Default `us-east-1`. */
  readonly region?: string;
  readonly queues: readonly QueueDefinition[];
}

/** A message lying in a local queue, looked at without receiving it. */
export interface PeekedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly receiveCount: number;
  readonly place: 'ready' | 'delayed' | 'inFlight';
  readonly messageGroupId?: string;
}

/** How many messages a queue holds, as SQS counts them (visible, delayed, not visible). */
export interface QueueDepth {
  readonly ready: number;
  readonly delayed: number;
  readonly inFlight: number;
}

export interface LocalSqs {
  /** `http://127.0.0.1:<port>`, for a client's `endpoint`. */
  readonly endpoint: string;
  readonly region: string;
  /** Any credentials do; these save a client from looking for real ones. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  queueUrl(name: string): string;
  queueArn(name: string): string;
  /** The messages of a queue, ready ones first; counts no receive. */
  peek(name: string): Promise<readonly PeekedMessage[]>;
  depth(name: string): Promise<QueueDepth>;
  /** Stops the server and drops all messages. */
  close(): Promise<void>;
}

/**
 * Starts SQS with the queues given, on loopback only. Needs the package `fauxqs`.
 * @throws ImproperlyConfigured for a definition SQS would refuse, or when fauxqs is not installed.
 * @example const sqs = await startLocalSqs({ queues: [{ name: 'celery' }] })
 */
export async function startLocalSqs(options: LocalSqsOptions): Promise<LocalSqs> {
  checkQueueDefinitions(options.queues);
  const region = options.region ?? 'us-east-1';
  const { buildApp } = await loadFauxqs();
  // startFauxqs would listen on every interface; its app can be told to stay on loopback.
  const server: FauxqsApp = buildApp({ logger: false, defaultRegion: region });
  let endpoint = '';
  server.addHook('onSend', async (request, _reply, payload) => reachableUrls(request.headers['x-amz-target'], payload, endpoint));
  endpoint = await server.listen({ port: options.port ?? 0, host: '127.0.0.1' });
  const calls = createSqsCalls({ endpoint, region });
  for (const queue of options.queues) {
    await calls.call('CreateQueue', { QueueName: queue.name, Attributes: toQueueAttributes(queue, region) });
  }
  const peek = (name: string): Promise<readonly PeekedMessage[]> => inspect(endpoint, name);
  return {
    endpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    queueUrl: (name) => `${endpoint}/${LOCAL_ACCOUNT}/${name}`,
    queueArn: (name) => toQueueArn(name, region),
    peek,
    depth: async (name) => countPlaces(await peek(name)),
    close: async () => {
      await server.close();
    },
  };
}

/** The part of fauxqs' server that is used here. */
interface FauxqsApp {
  addHook(
    name: 'onSend',
    hook: (request: { headers: Record<string, string | string[] | undefined> }, reply: unknown, payload: unknown) => Promise<unknown>,
  ): unknown;
  listen(options: { port: number; host: string }): Promise<string>;
  close(): PromiseLike<unknown>;
}

interface Fauxqs {
  buildApp(options: { logger: boolean; defaultRegion: string }): FauxqsApp;
}

/** @internal Loads fauxqs, or says what to install. */
export async function loadFauxqs(load: () => Promise<unknown> = () => import('fauxqs')): Promise<Fauxqs> {
  try {
    return (await load()) as Fauxqs;
  } catch (cause) {
    throw new ImproperlyConfigured('The local SQS needs the package fauxqs: npm install --save-dev fauxqs', { cause });
  }
}

const ANSWERS_WITH_URLS = /^AmazonSQS\.(CreateQueue|GetQueueUrl|ListQueues)$/;

/** fauxqs names itself sqs.<region>.localhost in queue URLs, a host that resolves on few machines. */
function reachableUrls(target: string | string[] | undefined, payload: unknown, endpoint: string): unknown {
  if (typeof payload !== 'string' || typeof target !== 'string' || !ANSWERS_WITH_URLS.test(target)) return payload;
  return payload.replace(/http:\/\/sqs\.[a-z0-9-]+\.localhost(:\d+)?/g, endpoint);
}

interface InspectedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly approximateReceiveCount: number;
  readonly delayUntil?: number;
  readonly messageGroupId?: string;
}

interface Inspection {
  readonly messages: {
    readonly ready: readonly InspectedMessage[];
    readonly delayed: readonly InspectedMessage[];
    readonly inflight: readonly { readonly message: InspectedMessage; readonly visibilityDeadline: number }[];
  };
}

async function inspect(endpoint: string, name: string): Promise<readonly PeekedMessage[]> {
  const response = await fetch(`${endpoint}/_fauxqs/queues/${encodeURIComponent(name)}`);
  if (!response.ok) throw new ImproperlyConfigured(`There is no local queue '${name}'; add it to startLocalSqs({ queues }).`);
  const { messages } = (await response.json()) as Inspection;
  // fauxqs moves messages whose time has come only when the queue is next received from.
  const now = Date.now();
  const peeked = [
    ...messages.ready.map((message) => toPeeked(message, 'ready')),
    ...messages.delayed.map((message) => toPeeked(message, (message.delayUntil ?? 0) > now ? 'delayed' : 'ready')),
    ...messages.inflight.map((entry) => toPeeked(entry.message, entry.visibilityDeadline > now ? 'inFlight' : 'ready')),
  ];
  return peeked.sort((a, b) => PLACES.indexOf(a.place) - PLACES.indexOf(b.place));
}

const PLACES = ['ready', 'delayed', 'inFlight'];

function toPeeked(message: InspectedMessage, place: PeekedMessage['place']): PeekedMessage {
  const { messageId, body, approximateReceiveCount: receiveCount, messageGroupId } = message;
  return { messageId, body, receiveCount, place, ...(messageGroupId === undefined ? {} : { messageGroupId }) };
}

function countPlaces(messages: readonly PeekedMessage[]): QueueDepth {
  const count = (place: PeekedMessage['place']): number => messages.filter((message) => message.place === place).length;
  return { ready: count('ready'), delayed: count('delayed'), inFlight: count('inFlight') };
}
