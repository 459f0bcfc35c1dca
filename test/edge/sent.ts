/** What the program sends, for those who look at what came of it. */

/** Messages: alone, together, the first of a chain, a group, a text; and in order. */
export const SENT = { celery: 1 + 25 + 1 + 3 + 1, fifo: 2 };

export const TEXT = 'Grüße, 漢字 🐇 \u2028 "\\';
