/** Tells observers and a task's own hooks how a run goes, in Celery's order (celery.app.trace). Costs nothing where nobody listens. */

import { isPrivate } from '../app/sensitive.ts';
import { quietly, type SignalName, type SignalPayloads } from '../app/signals.ts';
import type { Logger } from '../logger.ts';
import { FAILURE, REJECTED, RETRY, SUCCESS } from '../states.ts';
import type { Outcome } from './outcome.ts';
import type { Settled, Settling } from './settling.ts';

async function tell<N extends SignalName>({ parts }: Settling, name: N, payload: SignalPayloads[N]): Promise<void> {
  if (parts.signals.has(name)) await parts.signals.emit(name, payload, parts.logger);
}

export async function announceStart(settling: Settling): Promise<void> {
  const { request } = settling;
  await tell(settling, 'taskReceived', { request });
  await tell(settling, 'taskPrerun', { request });
}

/** The last thing before the function is called: STARTED is stored by then. */
export async function announceCall(settling: Settling): Promise<void> {
  await hook(settling, 'beforeStart', () => settling.task?.defaults.beforeStart?.(settling.request));
}

/** After the state is stored. What is still open has not ended: of that only the run is over, and its next delivery tells the rest. */
export async function announceEnd(settling: Settling, outcome: Outcome | undefined, settled: Settled): Promise<void> {
  const { request } = settling;
  if (settled.isOpen !== true) await announceState(settling, outcome, settled);
  await tell(settling, 'taskPostrun', { request, state: settled.state });
}

async function announceState(settling: Settling, outcome: Outcome | undefined, { state, error }: Settled): Promise<void> {
  const { request, task } = settling;
  if (state === SUCCESS && outcome?.state === 'SUCCESS') {
    await hook(settling, 'onSuccess', () => task?.defaults.onSuccess?.(outcome.value, request));
    await tell(settling, 'taskSuccess', { request, result: outcome.value });
  } else if (state === FAILURE) {
    await hook(settling, 'onFailure', () => task?.defaults.onFailure?.(error, request));
    await tell(settling, 'taskFailure', { request, error });
  } else if (state === REJECTED && error !== undefined) {
    // Observers alone: a task's hooks hear nothing of what it rejects (celery Request.on_failure).
    await tell(settling, 'taskFailure', { request, error });
  } else if (state === RETRY) {
    await hook(settling, 'onRetry', () => task?.defaults.onRetry?.(error, request));
    await tell(settling, 'taskRetry', { request, error });
  }
  // Retried, ignored and rejected runs have not returned, as Celery sees it.
  if (state === SUCCESS || state === FAILURE) await hook(settling, 'afterReturn', () => task?.defaults.afterReturn?.(state, request));
}

export async function announceRevoked(settling: Settling, why: 'expired' | 'revoked'): Promise<void> {
  await tell(settling, 'taskRevoked', { request: settling.request, expired: why === 'expired' });
}

export async function announceUnknown(settling: Settling): Promise<void> {
  await tell(settling, 'taskUnknown', { request: settling.request });
}

type HookName = 'beforeStart' | 'onSuccess' | 'onFailure' | 'onRetry' | 'afterReturn';

async function hook({ task, parts }: Settling, name: HookName, call: () => unknown): Promise<void> {
  if (task?.defaults[name] === undefined) return;
  const logger = isPrivate(task.defaults, parts.settings) ? withoutText(parts.logger) : parts.logger;
  await quietly(call, `${name} of ${task.name} failed`, logger);
}

/** What a hook of a private task throws may name its values: the line says that it failed, and the name of the error. */
const withoutText = (logger: Logger): Logger => ({
  ...logger,
  error: ({ message, error }) => logger.error({ message, error: { name: (error as { name?: unknown } | undefined)?.name ?? 'Error' } }),
});
