/** A program: reads one message body from its input, decides it through createHandler, and prints how, in what time and in what memory. */

import { readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { createApp } from '../../src/app/app.ts';
import { createHandler } from '../../src/lambda/handler.ts';
import type { LogLine } from '../../src/logger.ts';
import { createLambdaContext, createSqsEvent, createSqsRecord } from '../../src/testing/events.ts';
import { envelopeText } from './messages.ts';
import { createRecordingTransport } from './recording.ts';

/** What the program prints, as JSON. */
export interface Decision {
  /** The code of the verdict, or the state the task ended in. */
  readonly end: string;
  readonly ms: number;
  /** The most this process ever took, beyond what it had taken before the message came. */
  readonly megabytes: number;
}

const ends: string[] = [];
const log = ({ code, state }: LogLine): void => void ends.push(String(code ?? state));
const app = createApp('proj', { deadLetterQueue: 'dead' });
app.task('good', { kwargs: true }, (...given: readonly never[]) => given.length);
app.connect({ transport: createRecordingTransport(), logger: { debug: log, info: log, warn: log, error: log } });
const handler = createHandler(app);

const good = envelopeText({ headers: { task: 'good', id: 'warm' }, body: [[1], {}, null] });
const body = await text(process.stdin);
await handler(createSqsEvent([good, createSqsRecord('garbage')]), createLambdaContext());
ends.length = 0;
globalThis.gc?.();

resetPeak();
const before = peakKilobytes();
const began = performance.now();
const { batchItemFailures } = await handler(createSqsEvent([createSqsRecord(body)]), createLambdaContext());
const ms = performance.now() - began;
const megabytes = (peakKilobytes() - before) / 1024;
const decision: Decision = { end: `${ends.join()}${batchItemFailures.length > 0 ? ' returned' : ''}`, ms, megabytes };
process.stdout.write(JSON.stringify(decision));

/** What getrusage tells of the peak begins with that of the parent; Linux has a better figure, which can be begun anew. */
function peakKilobytes(): number {
  const found = isLinux() ? /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) : null;
  return found === null ? process.resourceUsage().maxRSS : Number(found[1]);
}

function resetPeak(): void {
  if (isLinux()) writeFileSync('/proc/self/clear_refs', '5');
}

function isLinux(): boolean {
  return process.platform === 'linux';
}
