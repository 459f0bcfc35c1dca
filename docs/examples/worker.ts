/** The Lambda function that runs the tasks. */

// #region worker
import { createHandler } from 'celeriac/lambda';
import { createSqsTransport } from 'celeriac/transports/sqs';
import { app } from './tasks.ts';

app.connect({ transport: createSqsTransport() });

export const handler = createHandler(app, { concurrency: 10 });
// #endregion
