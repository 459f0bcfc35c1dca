/** The numbers of EventBridge Scheduler, which every scheduler gives as its own. */

import type { SchedulerLimits } from './scheduler.ts';

const DAY_MS = 86_400_000;

/** Input of 256 KB, read as 256 000 bytes, the lesser of its two meanings; moments up to 366 days ahead. */
export const SCHEDULER_LIMITS: SchedulerLimits = Object.freeze({ bodyBytes: 256_000, horizonMs: 366 * DAY_MS });
