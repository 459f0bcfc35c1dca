/** For every rule, what breaks it and no other. */

import { alarmViolations } from './alarm.ts';
import { functionViolations } from './function.ts';
import type { Violation } from './planting.ts';
import { queueViolations } from './queue.ts';
import { roleViolations } from './role.ts';
import { storeViolations } from './store.ts';

export const violations: readonly Violation[] = [
  ...queueViolations,
  ...functionViolations,
  ...storeViolations,
  ...roleViolations,
  ...alarmViolations,
];
