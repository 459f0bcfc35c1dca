/** Queue names: Celery's on our side, SQS's on the other, turned exactly as kombu turns them. */

import { ImproperlyConfigured } from '../../errors.ts';

const FIFO = '.fifo';

/** All of Python's string.punctuation but `-`, `_` and `.` (kombu.transport.SQS CHARS_REPLACE_TABLE). */
const REPLACED = /[!"#$%&'()*+,/:;<=>?@[\\\]^`{|}~]/g;

const VALID_SQS_NAME = /^[A-Za-z0-9_-]{1,80}$/;
const VALID_FIFO_NAME = /^[A-Za-z0-9_-]{1,75}\.fifo$/;

/**
 * The SQS name of a Celery queue, prefix included (kombu.transport.SQS Channel.entity_name): dots become `-`, other ASCII
 * punctuation `_`, a `.fifo` at the end stays.
 *
 * @example toSqsName('my.jobs.fifo') // 'my-jobs.fifo'
 */
export function toSqsName(queue: string): string {
  if (queue.endsWith(FIFO)) return translated(queue.slice(0, -FIFO.length)) + FIFO;
  return translated(queue);
}

function translated(name: string): string {
  return name.replaceAll('.', '-').replace(REPLACED, '_');
}

/** Throws ImproperlyConfigured for a name that SQS cannot have. kombu leaves that to SQS, whose answer does not say which queue it was. */
export function checkSqsName(sqsName: string, queue: string): void {
  if (VALID_SQS_NAME.test(sqsName) || VALID_FIFO_NAME.test(sqsName)) return;
  throw new ImproperlyConfigured(
    `Queue '${queue}' would be '${sqsName}' in SQS (${sqsName.length} characters), where a name is 1 to 80 letters, digits, '-' and '_', an ending '.fifo' included.`,
  );
}
