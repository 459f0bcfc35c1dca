/** Every rule over the packaged template. */

import { alarmRules } from './alarms.ts';
import { functionRules } from './functions.ts';
import { queueRules } from './queues.ts';
import { roleRules } from './roles.ts';
import type { Rule } from './rule.ts';
import { storeRules } from './stores.ts';

export const rules: readonly Rule[] = [...queueRules, ...functionRules, ...storeRules, ...roleRules, ...alarmRules];
