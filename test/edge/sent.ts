/** What the program sends, for those who look at what came of it. */

/**
 * Messages: alone, together, a text, the first of a chain, a group, a starmap, one with a countdown, twelve from a generator, one that
 * only `flush` waits for; and in order.
 */
export const SENT = { celery: 1 + 25 + 1 + 1 + 3 + 1 + 1 + 12 + 1, fifo: 2 };

/** SendMessageBatch requests that take them. */
export const REQUESTS = 1 + 3 + 1 + 1 + 1 + 1 + 1 + 2 + 1 + 1;

export const TEXT = 'Grüße, 漢字 🐇 \u2028 "\\';
