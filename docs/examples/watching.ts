/** Signals and hooks: watching tasks without steering them. */

import { createApp } from 'celeriac';

export const app = createApp('watched');

export const seen: string[] = [];

// #region signals
app.on('taskFailure', ({ request, error }) => seen.push(`${request.task} failed: ${String(error)}`));

export const stopCounting = app.on('afterTaskPublish', ({ task, queue }) => seen.push(`${task} sent to ${queue}`));
// #endregion

// #region hooks
export const divide = app.task(
  'math.divide',
  {
    throws: [RangeError],
    onFailure: (error, request) => seen.push(`${request.id}: ${String(error)}`),
    afterReturn: (state) => seen.push(state),
  },
  (a: number, b: number) => {
    if (b === 0) throw new RangeError('division by zero');
    return a / b;
  },
);
// #endregion
