/** Where log lines go. */

import { createApp, createJsonLogger } from 'celeriac';
import { createMemoryTransport } from 'celeriac/transports/memory';

export const lines: string[] = [];
export const app = createApp('logging');

// #region logger
export const logger = createJsonLogger((line) => lines.push(line));

app.connect({ transport: createMemoryTransport(), logger });
// #endregion
