/** Task states as Celery names them (celery.states), and which of them end a task. */

export const PENDING = 'PENDING';
export const RECEIVED = 'RECEIVED';
export const STARTED = 'STARTED';
export const SUCCESS = 'SUCCESS';
export const FAILURE = 'FAILURE';
export const REVOKED = 'REVOKED';
export const RETRY = 'RETRY';
export const IGNORED = 'IGNORED';
export const REJECTED = 'REJECTED';

/** Any state: Celery's own, or a custom one a task gives itself. */
export type State = string;

export const READY_STATES: ReadonlySet<State> = new Set([SUCCESS, FAILURE, REVOKED]);
/** States whose stored result is an encoded exception. */
export const EXCEPTION_STATES: ReadonlySet<State> = new Set([RETRY, FAILURE, REVOKED]);
/** States in which `get()` throws. */
export const PROPAGATE_STATES: ReadonlySet<State> = new Set([FAILURE, REVOKED]);
