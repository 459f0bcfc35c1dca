/** Whether a run is watched: by observers of its app, or by hooks of its task. What tells them (announce.ts) is imported only then. */

import type { RegisteredTask } from '../app/registry.ts';
import type { Signals } from '../app/signals.ts';

const RUN_SIGNALS = ['taskReceived', 'taskPrerun', 'taskPostrun', 'taskSuccess', 'taskFailure', 'taskRetry'] as const;
const HOOKS = ['beforeStart', 'onSuccess', 'onFailure', 'onRetry', 'afterReturn'] as const;

/** Whether the task has hooks; asked once. */
export const hasHooks = ({ defaults }: RegisteredTask): boolean => HOOKS.some((name) => defaults[name] !== undefined);

/** Whether observers listen to runs; asked for each, for they come and go. */
export const isObserved = (signals: Signals): boolean => !signals.isSilent() && RUN_SIGNALS.some((name) => signals.has(name));
