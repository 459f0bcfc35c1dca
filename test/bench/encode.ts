/**
 * What does building a message cost? Measured is all from the arguments to the text that SQS is given: id, body, repr of the arguments,
 * headers, both base64 layers. delay() adds what stands around it: options, route, queue, clock, send and the AsyncResult.
 */

import { createCodecs } from '../../src/wire/codecs.ts';
import { readMessage } from '../../src/wire/protocol-read.ts';
import { templateString } from './by-hand.ts';
import { createDelay, writerAlone } from './encode-contenders.ts';
import { measure } from './measure.ts';
import { orderOf } from './messages.ts';
import type { Question } from './question.ts';
import type { Table } from './table.ts';
import { isTargeted } from './targets.ts';

const SCENARIOS = [
  { key: 'encode/default', title: 'one message with the arguments (2, 3)', args: [2, 3] },
  { key: 'encode/1KB', title: 'one message with 1 KB of arguments', args: [orderOf(1024), 1] },
  { key: 'encode/10KB', title: 'one message with 10 KB of arguments', args: [orderOf(10_240), 1] },
] as const;

export const encode: Question = async ({ rounds, targetsOnly }) => {
  const tables: Table[] = [];
  for (const { key, title, args } of SCENARIOS) {
    if (targetsOnly === true && !isTargeted(key)) continue;
    const { delay, sent } = createDelay();
    await delay(args);
    for (const text of [templateString(args), writerAlone(args), sent()]) check(text, args);
    const measured = await measure(
      [
        { name: 'template string', run: () => templateString(args) },
        { name: 'writeMessage', run: () => writerAlone(args) },
        { name: 'delay()', run: () => delay(args) },
      ],
      { rounds },
    );
    tables.push({ key, title, unit: 'µs', ...measured });
  }
  return tables;
};

/** All must say the same, or they could not be compared. */
function check(text: string, args: readonly unknown[]): void {
  const message = readMessage(text, { codecs: createCodecs() });
  if (JSON.stringify(message.args) !== JSON.stringify(args)) throw new Error(`Written were ${JSON.stringify(message.args)}.`);
}
