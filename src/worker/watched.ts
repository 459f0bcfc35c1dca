/** Whether a run is watched: by observers of its app, or by hooks of its task. What tells them (announce.ts) is imported only then. */

import type { Settling } from './settling.ts';

const RUN_SIGNALS = ['taskReceived', 'taskPrerun', 'taskPostrun', 'taskSuccess', 'taskFailure', 'taskRetry'] as const;
const HOOKS = ['beforeStart', 'onSuccess', 'onFailure', 'onRetry', 'afterReturn'] as const;

/** Whether anybody listens to this run, so that the others do not pay for those who do. */
export function isWatched({ task, parts: { signals } }: Settling): boolean {
  if (!signals.isSilent() && RUN_SIGNALS.some((name) => signals.has(name))) return true;
  return task !== undefined && HOOKS.some((name) => task.defaults[name] !== undefined);
}
