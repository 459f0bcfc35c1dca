/**
 * What does building a message cost? Measured is all from the arguments to the text that SQS is given: id, body, repr of the arguments,
 * headers, both base64 layers. delay() adds what stands around it: options, route, queue, clock, send and the AsyncResult.
 */

import { createCodecs } from '../../src/wire/codecs.ts';
import { readMessage } from '../../src/wire/protocol-read.ts';
import { type MeasureOptions, measure } from './measure.ts';
import { orderOf } from './messages.ts';
import { createDelay, templateString, writerAlone } from './publish-contenders.ts';
import type { Table } from './table.ts';
import { TARGETS } from './targets.ts';

const SCENARIOS = [
  { key: 'publish/default', title: 'one message with the arguments (2, 3)', args: [2, 3] },
  { key: 'publish/1KB', title: 'one message with 1 KB of arguments', args: [orderOf(1024), 1] },
  { key: 'publish/10KB', title: 'one message with 10 KB of arguments', args: [orderOf(10_240), 1] },
] as const;

export async function publish(options: MeasureOptions & { readonly targetsOnly?: boolean } = {}): Promise<Table[]> {
  const tables: Table[] = [];
  for (const { key, title, args } of SCENARIOS) {
    const target = TARGETS[key];
    if (options.targetsOnly === true && target === undefined) continue;
    const { delay, sent } = createDelay();
    await delay(args);
    for (const text of [templateString(args), writerAlone(args), sent()]) check(text, args);
    const rows = await measure(
      [
        { name: 'template string', run: () => templateString(args) },
        { name: 'writeMessage', run: () => writerAlone(args) },
        { name: 'delay()', run: () => delay(args) },
      ],
      options,
    );
    tables.push({ key, title, unit: 'µs', target, measured: 'writeMessage', rows });
  }
  return tables;
}

/** All must say the same, or they could not be compared. */
function check(text: string, args: readonly unknown[]): void {
  const message = readMessage(text, { codecs: createCodecs() });
  if (JSON.stringify(message.args) !== JSON.stringify(args)) throw new Error(`Written were ${JSON.stringify(message.args)}.`);
}
