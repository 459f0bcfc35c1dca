/** The tasks of Celery's integration tests, `t.integration.tasks`, under the same names and doing the same. */

import type { App } from '../../../src/index.ts';
import { registerNested } from './tasks/nested.ts';
import { registerPlain } from './tasks/plain.ts';
import { registerReplacing } from './tasks/replacing.ts';
import { registerRetrying } from './tasks/retrying.ts';
import { type Redis, registerTelling } from './tasks/telling.ts';

export function registerTasks(app: App, redis: Redis): void {
  const plain = registerPlain(app);
  registerRetrying(app);
  const telling = registerTelling(app, redis);
  registerReplacing(app, { ...plain, ...telling, redis });
  registerNested(app);
}
