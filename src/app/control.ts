/** Revoking tasks that have not run yet (celery app.control). What it does is revoking.ts, imported when something is revoked. */

import type { Connected } from './connection.ts';
import type { RevokeOptions } from './revoking.ts';

export type { RevokeOptions } from './revoking.ts';

export interface Control {
  /**
   * Refuses these tasks from now on: they end as REVOKED without being run. What waits at the scheduler is taken back as well.
   * A task that runs already is not stopped.
   *
   * @throws ImproperlyConfigured without a ledger, BackendStoreError
   */
  revoke(taskIds: string | readonly string[], options?: RevokeOptions): Promise<void>;
  /** Refuses every task that carries one of these stamps, like `{ tenant: 'acme' }` or `{ tenant: ['acme', 'ajax'] }`. */
  revokeByStampedHeaders(stamps: Readonly<Record<string, unknown>>, options?: RevokeOptions): Promise<void>;
}

export function createControl(connected: () => Connected): Control {
  return {
    async revoke(taskIds, options) {
      const { revokeTasks } = await import('./revoking.ts');
      await revokeTasks(taskIds, options, connected());
    },
    async revokeByStampedHeaders(stamps, options) {
      const { revokeStamps } = await import('./revoking.ts');
      await revokeStamps(stamps, options, connected());
    },
  };
}
