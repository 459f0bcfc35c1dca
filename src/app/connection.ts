/** What an app is connected to. The shared tasks module binds to nothing; the entry point or the test connects. */

import type { ResultBackend } from '../backends/backend.ts';
import { type Clock, systemClock } from '../clock.ts';
import { ImproperlyConfigured } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Transport } from '../transports/transport.ts';

export interface Connection {
  readonly transport: Transport;
  /** Default: none, results are not kept. */
  readonly backend?: ResultBackend | undefined;
  readonly clock?: Clock | undefined;
  /** Default: none outside of a worker; a worker's door brings its own. */
  readonly logger?: Logger | undefined;
}

/** A connection with its defaults filled in. */
export interface Connected {
  readonly transport: Transport;
  readonly backend: ResultBackend | undefined;
  readonly clock: Clock;
  readonly logger: Logger | undefined;
}

/** Checks what `app.connect` was given. @throws ImproperlyConfigured */
export function connect(connection: Connection): Connected {
  if (typeof connection?.transport?.send !== 'function') {
    throw new ImproperlyConfigured('app.connect needs a transport, like app.connect({ transport: createSqsTransport() }).');
  }
  const { transport, backend, clock = systemClock, logger } = connection;
  if (backend !== undefined && typeof backend.store !== 'function') {
    throw new ImproperlyConfigured('The backend given to app.connect has no store(); create it with one of celeriac/backends.');
  }
  return { transport, backend, clock, logger };
}
