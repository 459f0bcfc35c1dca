/** A worker as a process, for tasks that Python calls. */

// #region runs
import { createApp } from 'celeriac';
import { createDynamoDBBackend } from 'celeriac/backends/dynamodb';
import { createPoller } from 'celeriac/poller';
import { createSqsTransport } from 'celeriac/transports/sqs';

const region = 'eu-central-1';
const app = createApp('texts', { transport: createSqsTransport({ region }), backend: createDynamoDBBackend({ table: 'celery', region }) });

app.task('texts.count', (text: string) => text.length);
app.task('texts.total', (counts: number[]) => counts.reduce((sum, count) => sum + count, 0));

await createPoller(app).run();
// #endregion
