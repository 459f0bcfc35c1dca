/** Runs the tasks of the queue: records of an event source mapping in, the ids of those to be delivered again out. */

import middy from '@middy/core';
import { createHandler } from 'celeriac/lambda';
import { app } from './app.ts';
import './tasks.ts';

export const handler = middy(createHandler(app, { concurrency: 10 }));
