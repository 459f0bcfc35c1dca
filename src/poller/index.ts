/** './poller': the worker as a process of its own. */

export { createPoller, type Poller, type PollerOptions } from './poller.ts';
