/** The worker that soaks: a Lambda function whose tasks note each run in a file, fail as planned, or end their worker. */

import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createApp, createJsonLogger } from 'celeriac';
import { createHandler } from 'celeriac/lambda';
import { createSqsTransport } from 'celeriac/transports/sqs';
import { createHttpLedger } from '../support/http-ledger.ts';

const { DEAD_LETTER_QUEUE = '', LEDGER_URL = '', RUNS_FILE = '', SQS_ENDPOINT = '' } = process.env;

const app = createApp('soak', { deadLetterQueue: DEAD_LETTER_QUEUE, taskDeadLetterQueue: DEAD_LETTER_QUEUE });
/** All workers have one clock, so that a claim needs to outlive its holder by nothing. */
const idempotent = { skew: 0 };

app.task('good', { idempotent }, async (n: number, ms: number) => {
  await pause(ms);
  appendFileSync(RUNS_FILE, `${n}\n`);
  return n;
});

app.task('failing', { idempotent }, (n: number): never => {
  throw new RangeError(`task ${n} fails, as planned`);
});

/** Takes its worker along. */
app.task('killer', (_n: number): never => process.exit(1));

const tell = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

const transport = createSqsTransport({ endpoint: SQS_ENDPOINT });
const { inbox } = transport;

app.connect({
  // What is acknowledged before the batch is answered for is not seen by the event source mapping.
  transport: {
    ...transport,
    inbox: {
      ...inbox,
      async done(delivery) {
        // Told first: of a worker that is killed in between the message comes again, and is told of again.
        tell({ message: 'acknowledged', messageId: delivery.messageId });
        await inbox.done(delivery);
      },
    },
  },
  ledger: createHttpLedger(LEDGER_URL),
  // What is well is not told: a hundred thousand lines would be.
  logger: { ...createJsonLogger((line) => process.stdout.write(`${line}\n`)), info: () => {}, error: () => {} },
});

tell({ message: 'started', pid: process.pid });

export const handler = createHandler(app);
