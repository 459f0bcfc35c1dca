/** The numbers of SQS that every transport keeps to. */

import type { Limits } from './transport.ts';

/** SQS's limits: 1 MiB of body and attributes together, 15 minutes of delay. */
export const SQS_LIMITS: Limits = Object.freeze({ messageBytes: 1_048_576, delaySeconds: 900 });

/** Longest time a received message stays hidden: 12 hours. */
export const MAX_VISIBILITY_SECONDS = 43_200;
