/** The three runs over a dead-letter queue: reading, sending back, throwing away. What may be asked of them is dead-letters.ts. */

import { ImproperlyConfigured } from '../errors.ts';
import { errorFields, type Logger, silentLogger } from '../logger.ts';
import type { Inbox, Outgoing } from '../transports/transport.ts';
import type { ReadOptions } from '../wire/protocol-read.ts';
import { type App, internalsOf } from './app.ts';
import type { Connected } from './connection.ts';
import { REDRIVEN_ATTRIBUTE, textIn } from './dead-letter-attributes.ts';
import { compileFilter, type DeadLetterFilter, type Matches } from './dead-letter-filter.ts';
import { type DeadLetter, toDeadLetter } from './dead-letter-record.ts';
import { type Destination, type RedriveRetries, toRedriven, withMark } from './dead-letter-redrive.ts';
import { visit } from './dead-letter-visit.ts';
import { sendWithRetry } from './publish-retry.ts';

/** Which queue is visited, and for which app. */
export interface Graveyard {
  readonly app: App;
  readonly queue: string;
  readonly sourceQueue: string;
}

/** What a run works with, looked up when it begins. */
export interface Opened extends Graveyard {
  readonly connected: Connected;
  readonly inbox: Inbox;
  readonly logger: Logger;
  readonly readOptions: ReadOptions;
  /** Undefined: all are meant. */
  readonly matches: Matches | undefined;
  readonly limit: number;
}

/** @throws ImproperlyConfigured when the app is not connected, cannot receive, or filter or limit are wrong */
export function open(graveyard: Graveyard, filter: DeadLetterFilter | undefined, limit = Number.POSITIVE_INFINITY): Opened {
  const { app } = graveyard;
  const { connected: connectedNow, decoders } = internalsOf(app);
  const connected = connectedNow();
  const { inbox } = connected.transport;
  if (inbox === undefined) throw new ImproperlyConfigured('Dead letters need a transport with an inbox; this one only sends.');
  if (!(limit >= 1 && (Number.isInteger(limit) || limit === Number.POSITIVE_INFINITY))) {
    throw new ImproperlyConfigured(`limit is ${limit}; expected a count of 1 or more.`);
  }
  const readOptions = { codecs: decoders, compressions: app.settings.compressions };
  const matches = compileFilter(filter);
  return { ...graveyard, connected, inbox, logger: connected.logger ?? silentLogger, readOptions, matches, limit };
}

interface Choice {
  readonly chosen: readonly DeadLetter[];
  /** How many did not match. */
  readonly skipped: number;
}

/** The letters of each batch that are meant, at most `limit` in all. */
async function* choose(opened: Opened, settled: ReadonlySet<string>, hideSeconds?: number): AsyncGenerator<Choice, void> {
  const { inbox, queue, logger, connected, matches, readOptions } = opened;
  let room = opened.limit;
  // How many have to be looked at for one that matches, nobody knows.
  const wanted = (): number => (matches !== undefined && room > 0 ? Number.POSITIVE_INFINITY : room);
  const { clock } = connected;
  for await (const batch of visit({ inbox, queue, clock, logger, wanted, settled, ...(hideSeconds !== undefined && { hideSeconds }) })) {
    const letters = batch.map((delivery) => toDeadLetter(delivery, readOptions));
    const meant = matches === undefined ? letters : letters.filter(matches);
    const chosen = meant.slice(0, room);
    room -= chosen.length;
    yield { chosen, skipped: letters.length - meant.length };
  }
}

/** The letters one by one; all are given back in the end. */
export async function* read(opened: Opened, hideSeconds: number): AsyncGenerator<DeadLetter, void> {
  for await (const { chosen } of choose(opened, new Set(), hideSeconds)) yield* chosen;
}

/** Sends first and acknowledges after. */
export async function redrive(opened: Opened, retries: RedriveRetries, elsewhere: string | undefined) {
  const settled = new Set<string>();
  const counts = { redriven: 0, skipped: 0, failed: 0 };
  for await (const { chosen, skipped } of choose(opened, settled)) {
    const accepted = await sendBack(opened, chosen, retries, elsewhere);
    // Sent, and so not given back even if its acknowledgement fails.
    for (const { messageId } of accepted) settled.add(messageId);
    await acknowledge(opened, accepted, 'dead letter redriven but not deleted');
    counts.redriven += accepted.length;
    counts.skipped += skipped;
    counts.failed += chosen.length - accepted.length;
  }
  return counts;
}

/** Sends the letters, and answers those that were accepted. */
async function sendBack(
  opened: Opened,
  letters: readonly DeadLetter[],
  retries: RedriveRetries,
  elsewhere: string | undefined,
): Promise<readonly DeadLetter[]> {
  const { connected, sourceQueue } = opened;
  const { settings } = opened.app;
  const destinationOf = ({ queue }: DeadLetter): Destination => {
    if (elsewhere !== undefined) return { queue: elsewhere };
    return queue === undefined ? { queue: sourceQueue } : { queue, ownName: true };
  };
  const redriven = letters.map((letter) => toRedriven(letter, destinationOf(letter), retries, settings));
  const batch = await Promise.all(redriven.map((outgoing, index) => signedAgain(outgoing, letters[index]!, opened)));
  const receipts = await sendWithRetry(connected.transport, batch, settings.taskPublishRetryPolicy, connected.clock);
  return letters.filter((letter, index) => {
    const receipt = receipts[index]!;
    if (!receipt.ok) logFailure(opened, 'dead letter not redriven', letter, receipt.error);
    return receipt.ok;
  });
}

/** Deletes; what could not be deleted is given back. */
export async function purge(opened: Opened): Promise<{ purged: number }> {
  const settled = new Set<string>();
  let purged = 0;
  for await (const { chosen } of choose(opened, settled)) {
    const deleted = await acknowledge(opened, chosen, 'dead letter not deleted');
    for (const { messageId } of deleted) settled.add(messageId);
    purged += deleted.length;
  }
  return { purged };
}

/** Takes letters off the queue; answers those that are gone. */
async function acknowledge(opened: Opened, letters: readonly DeadLetter[], complaint: string): Promise<readonly DeadLetter[]> {
  const ends = await Promise.allSettled(letters.map(({ delivery }) => opened.inbox.done(delivery)));
  return letters.filter((letter, index) => {
    const end = ends[index]!;
    if (end.status === 'rejected') logFailure(opened, complaint, letter, end.reason);
    return end.status === 'fulfilled';
  });
}

function logFailure({ logger, queue }: Opened, message: string, { messageId, task, id }: DeadLetter, error: unknown): void {
  logger.error({
    message,
    queue,
    messageId,
    ...(task !== undefined && { task }),
    ...(id !== undefined && { id }),
    error: errorFields(error),
  });
}

/** A letter may go back with other retries, or elsewhere: where messages are signed, it is signed for that. */
async function signedAgain(
  outgoing: Outgoing,
  { delivery, queue, messageId }: DeadLetter,
  { connected, sourceQueue }: Opened,
): Promise<Outgoing> {
  const { signing, transport, clock } = connected;
  if (signing === undefined) return outgoing;
  const { reseal } = await import('../signing/reseal.ts');
  const source = queue ?? (await transport.nameOf?.(sourceQueue)) ?? sourceQueue;
  const marked = { ...outgoing, body: withMark(outgoing.body, textIn(outgoing.attributes, REDRIVEN_ATTRIBUTE) ?? messageId) };
  return await reseal(marked, { ...delivery, queue: source }, { signing, transport, fromMs: clock.now() });
}
