/** The logger a task is handed: what it logs carries the task it was logged in. */

import type { Logger, LogLine } from '../logger.ts';
import type { Request } from './request.ts';

/** Fields of the line itself win over the task's. */
export function taskLogger(logger: Logger, request: Request): Logger {
  const tagged = (line: LogLine): LogLine => {
    const { id, task, retries, rootId } = request;
    return { task, id, retries, rootId, ...line };
  };
  return {
    debug: (line) => logger.debug(tagged(line)),
    info: (line) => logger.info(tagged(line)),
    warn: (line) => logger.warn(tagged(line)),
    error: (line) => logger.error(tagged(line)),
  };
}
