/** The same function inside middy. */

// #region middy
import middy from '@middy/core';
import { createHandler } from 'celeriac/lambda';
import { app } from './tasks.ts';

export const handler = middy(createHandler(app)).onError(({ error }) => {
  console.error({ message: 'the whole batch comes again', error });
});
// #endregion
