/**
 * The entry point of a Lambda function whose tasks end in every way, its own environment included; bundled by the tests that run it.
 * Its ledger lives in the test's process, for nothing of its own outlives a killed environment.
 */

import { createApp, createJsonLogger } from 'celeriac';
import { createHandler } from 'celeriac/lambda';
import { createSqsTransport } from 'celeriac/transports/sqs';
import { createHttpLedger } from './http-ledger.ts';

const { DEAD_LETTER_QUEUE = '', LEDGER_URL = '', SQS_ENDPOINT = '' } = process.env;

const app = createApp('proj', { deadLetterQueue: DEAD_LETTER_QUEUE, taskDeadLetterQueue: DEAD_LETTER_QUEUE });

app.task('note', (name: string) => name);

app.task('flaky', { bind: true }, (self, failures: number) => {
  if (self.retries < failures) self.retry({ countdown: self.retries, exc: new Error('not yet') });
  return self.retries;
});

app.task('exhausted', { bind: true, maxRetries: 1 }, (self): never => self.retry({ countdown: 0, exc: new RangeError('never will') }));

/** Takes its worker along, before anything else runs. */
app.task('killer', (): never => process.exit(1));

app.task('fails_once', { bind: true, autoretryFor: [Error], retryKwargs: { countdown: 0 } }, (self, name: string) => {
  if (self.retries === 0) throw new Error('the first time');
  return name;
});

app.task('held_once', { bind: true, fifoRetry: 'hold' }, (self, name: string) => {
  if (self.retries === 0) self.retry({ countdown: 1 });
  return name;
});

app.connect({
  transport: createSqsTransport({ endpoint: SQS_ENDPOINT }),
  ledger: createHttpLedger(LEDGER_URL),
  logger: createJsonLogger((line) => process.stdout.write(`${line}\n`)),
});

export const handler = createHandler(app);
