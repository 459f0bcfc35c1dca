/** Keeps messages hidden while their tasks run, so that a long task is not delivered a second time. */

import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { sleep } from '../timers.ts';
import type { Delivery, Inbox } from '../transports/transport.ts';

export interface Heartbeat {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the message stays hidden after each beat; there is a beat at every third of it. */
  readonly visibilitySeconds: number;
}

/** Runs the work, extending the visibility of all that is still pending until it ends. A beat that fails is logged and tried again at the next. */
export async function keepHidden<T>(pending: ReadonlyMap<Delivery, unknown>, heartbeat: Heartbeat, work: () => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const beating = beat(pending, heartbeat, ended.signal);
  try {
    return await work();
  } finally {
    ended.abort();
    await beating;
  }
}

async function beat(pending: ReadonlyMap<Delivery, unknown>, heartbeat: Heartbeat, ended: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(heartbeat.clock, (heartbeat.visibilitySeconds * 1000) / 3, ended);
    if (ended.aborted) return;
    await Promise.all(Array.from(pending.keys(), (delivery) => extend(delivery, heartbeat)));
  }
}

async function extend(delivery: Delivery, { inbox, logger, visibilitySeconds }: Heartbeat): Promise<void> {
  try {
    await inbox.postpone(delivery, visibilitySeconds);
  } catch (error) {
    const { messageId, queue } = delivery;
    logger.warn({ message: 'visibility not extended', messageId, queue, error: error instanceof Error ? error.message : String(error) });
  }
}
