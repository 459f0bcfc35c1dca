/**
 * Run in a process of its own: imports the handler named on the command line, invokes it once and once more, and prints the times,
 * which are processor time of the main thread: compiling and running, not the disk's or a neighbour's turns.
 */

import { readFileSync } from 'node:fs';
import { threadMs } from './measure.ts';

const [, , handlerFile, eventFile] = process.argv;
const event = JSON.parse(readFileSync(eventFile!, 'utf8'));
const context = { getRemainingTimeInMillis: () => 30_000, functionName: 'worker', awsRequestId: 'request-1' };
// Lambda's runtime has its own log stream open before it loads a handler.
process.stdout.write('');

const start = threadMs();
const { handler } = (await import(handlerFile!)) as {
  handler: (event: unknown, context: unknown) => Promise<{ batchItemFailures: unknown[] }>;
};
const imported = threadMs();
const answer = await handler(event, context);
const answered = threadMs();
await handler(event, context);
const again = threadMs();

process.stderr.write(
  JSON.stringify({
    importMs: imported - start,
    firstMs: answered - imported,
    secondMs: again - answered,
    failures: answer.batchItemFailures.length,
  }),
);
