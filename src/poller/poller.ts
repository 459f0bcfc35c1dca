/** Celery's event loop for a laptop or a container: receive, consume, acknowledge or give back, until told to stop. */

import { allEnded } from '../all-ended.ts';
import type { App } from '../app/app.ts';
import { internalsOf } from '../app/app.ts';
import type { Clock } from '../clock.ts';
import { ImproperlyConfigured, isCeleryError } from '../errors.ts';
import { createJsonLogger, type Logger } from '../logger.ts';
import { sleep } from '../timers.ts';
import { type Delivery, type Inbox, isFifo } from '../transports/transport.ts';
import { type Consume, createConsumer } from '../worker/consumer.ts';
import { isAcknowledged } from '../worker/disposition.ts';
import { runLanes, toLanes } from '../worker/lanes.ts';
import { keepHidden } from './heartbeat.ts';

export interface PollerOptions {
  /** Queues to take from; default the app's taskDefaultQueue. */
  readonly queues?: readonly string[];
  /** Messages of each queue that run at the same time; default 10. */
  readonly concurrency?: number;
  /** Seconds of a long poll; default 10, at most 20. */
  readonly waitSeconds?: number;
  /** Seconds a message stays hidden beyond each sign of life of its task; default 60. */
  readonly visibilitySeconds?: number;
  /** Seconds until a message that was given back is seen again; default 10, as kombu's. */
  readonly giveBackSeconds?: number;
  /** Named in results and logs; default `celeriac-poller`. */
  readonly hostname?: string;
  /** Default: the logger the app is connected with, else JSON lines on standard output. */
  readonly logger?: Logger;
  /** Process signals that stop the poller; default SIGTERM and SIGINT, none for an embedded one. */
  readonly signals?: readonly NodeJS.Signals[];
}

export interface Poller {
  /** Runs until stopped. @throws QueueNotFound, ImproperlyConfigured */
  run(): Promise<void>;
  /** Takes no more messages; resolves once those in flight have ended and the rest has been given back. */
  stop(): Promise<void>;
}

/**
 * A worker without Lambda, on any transport that can be polled.
 *
 * @example await createPoller(app, { concurrency: 4 }).run();
 */
export function createPoller(app: App, options: PollerOptions = {}): Poller {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    const loop = resolveLoop(app, options, stopping);
    const release = stopOn(options.signals ?? ['SIGTERM', 'SIGINT'], stopping);
    try {
      const queues = options.queues ?? [app.settings.taskDefaultQueue];
      await allEnded(queues.map((queue) => pollQueue(queue, loop).catch((error: unknown) => giveUp(error, stopping))));
    } finally {
      await app.flush();
      release();
    }
  };
  return {
    run() {
      running ??= run();
      return running;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** What the loops of all queues share. */
interface Loop {
  readonly inbox: Inbox;
  readonly consume: Consume;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortController;
  readonly concurrency: number;
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
  readonly giveBackSeconds: number;
}

function resolveLoop(app: App, options: PollerOptions, stopping: AbortController): Loop {
  const { transport, clock, logger: connectedLogger } = internalsOf(app).connected();
  const { concurrency = 10, waitSeconds = 10, visibilitySeconds = 60, giveBackSeconds = 10, hostname = 'celeriac-poller' } = options;
  if (!(Number.isInteger(concurrency) && concurrency > 0)) {
    throw new ImproperlyConfigured(`createPoller's concurrency is ${concurrency}; expected an integer above 0.`);
  }
  if (transport.inbox === undefined)
    throw new ImproperlyConfigured('The transport can send but not receive; the poller needs one with an inbox.');
  const logger = options.logger ?? connectedLogger ?? createJsonLogger((line) => process.stdout.write(`${line}\n`));
  const consume = createConsumer(app, { hostname, pid: process.pid }, logger);
  return { inbox: transport.inbox, consume, clock, logger, stopping, concurrency, waitSeconds, visibilitySeconds, giveBackSeconds };
}

/** One queue that cannot be polled ends the others as well: nobody would know that they go on. */
function giveUp(error: unknown, stopping: AbortController): never {
  stopping.abort();
  throw error;
}

/** Listens to the process's signals for as long as the poller runs. */
function stopOn(signals: readonly NodeJS.Signals[], stopping: AbortController): () => void {
  const stop = (): void => stopping.abort();
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

/** Takes as many messages as there are free places, for as long as nobody says stop; then waits for those in flight. */
async function pollQueue(queue: string, loop: Loop): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  let taken = 0;
  try {
    while (!loop.stopping.signal.aborted) {
      if (taken >= loop.concurrency) {
        await Promise.race(inFlight);
        continue;
      }
      const deliveries = await receive(queue, Math.min(10, loop.concurrency - taken), loop);
      for (const lane of toLanes(deliveries, isFifo(queue), groupOf)) {
        taken += lane.length;
        const work = dealWithLane(lane, loop).finally(() => {
          taken -= lane.length;
          inFlight.delete(work);
        });
        inFlight.add(work);
      }
    }
  } finally {
    await Promise.all(inFlight);
  }
}

const groupOf = (delivery: Delivery): string | undefined => delivery.messageGroupId;

/** A failing receive is tried again, a second later each time up to half a minute; a queue that is not there is not waited for. */
async function receive(queue: string, max: number, { inbox, clock, logger, stopping, waitSeconds }: Loop): Promise<readonly Delivery[]> {
  for (let failures = 1; ; failures++) {
    try {
      return await inbox.receive(queue, { max, waitSeconds, signal: stopping.signal });
    } catch (error) {
      if (stopping.signal.aborted) return [];
      if (isCeleryError(error) && (error.name === 'QueueNotFound' || error.name === 'ImproperlyConfigured')) throw error;
      logger.error({
        message: 'receive failed, trying again',
        queue,
        failures,
        error: error instanceof Error ? error.message : String(error),
      });
      await sleep(clock, Math.min(failures, 30) * 1000, stopping.signal);
    }
  }
}

/** Runs a lane in order, acknowledging as it goes; what was not done, or never started, is given back at its end. */
async function dealWithLane(lane: readonly Delivery[], loop: Loop): Promise<void> {
  const { inbox, stopping, giveBackSeconds } = loop;
  const pending = new Map<Delivery, number | undefined>(lane.map((delivery) => [delivery, undefined]));
  const run = async (delivery: Delivery): Promise<boolean> => {
    const disposition = await loop.consume(delivery);
    if (!isAcknowledged(disposition)) {
      if (disposition.do === 'requeue') pending.set(delivery, disposition.afterSeconds);
      return false;
    }
    pending.delete(delivery);
    await attempt('message not acknowledged', delivery, loop, () => inbox.done(delivery));
    return true;
  };
  await keepHidden(pending, loop, () => runLanes([lane], 1, { run, mayStart: () => !stopping.signal.aborted, done: new Set() }));
  for (const [delivery, afterSeconds] of pending) {
    const seconds = afterSeconds ?? (stopping.signal.aborted ? 0 : giveBackSeconds);
    await attempt('message not given back', delivery, loop, () => inbox.postpone(delivery, seconds));
  }
}

/** A failed acknowledgement or return is logged: the message comes again by itself, which every task must bear. */
async function attempt(message: string, { messageId, queue }: Delivery, { logger }: Loop, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    logger.error({ message, messageId, queue, error: error instanceof Error ? error.message : String(error) });
  }
}
