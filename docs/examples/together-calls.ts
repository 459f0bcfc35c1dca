/** Calls tasks that Python runs, and waits for what comes of them. */

// #region calls
import { chord, createApp } from 'celeriac';
import { createDynamoDBBackend } from 'celeriac/backends/dynamodb';
import { createSqsTransport } from 'celeriac/transports/sqs';

const region = 'eu-central-1';
const app = createApp('shop', { transport: createSqsTransport({ region }), backend: createDynamoDBBackend({ table: 'celery', region }) });

const options = { queue: 'python' };
const thumbnail = app.declare<[url: string, width: number], string>('images.thumbnail');
const page = app.declare<[images: readonly string[]], string>('images.page');

const images = ['a.png', 'b.png'].map((url) => thumbnail.s(url, 64).set(options));
const sent = await chord(images, page.s().set(options)).applyAsync();
console.log(await sent.get({ timeout: 60 }));
// #endregion
