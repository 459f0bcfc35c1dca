/** Tasks that are tried again. */

import type { App, RetryOptions } from '../../../../src/index.ts';
import { nameOf, SuiteError, ValueError } from './python.ts';

/** Python's keywords of the tasks that hand them on to `self.retry`. */
interface RetryKeywords {
  readonly countdown?: number | null;
  readonly expires?: number | null;
  readonly max_retries?: number | null;
}

export function registerRetrying(app: App): void {
  registerOnce(app);
  app.task(
    nameOf('retry'),
    { bind: true, params: ['return_value'], defaultRetryDelay: 1 },
    (self, returnValue: unknown = null): unknown => {
      if (returnValue && self.retries >= 3) return returnValue;
      return self.retry({ exc: new SuiteError('ExpectedException'), countdown: 5 });
    },
  );
  app.task(
    nameOf('retry_unpickleable'),
    { bind: true, params: ['foo', 'bar', 'retry_kwargs'], defaultRetryDelay: 1 },
    (self, foo: unknown, _bar: unknown, keywords: RetryKeywords): never =>
      self.retry({ exc: new SuiteError('UnpickleableException', foo), ...toOptions(keywords) }),
  );
  app.task(
    nameOf('retry_with_args_after_kwargs'),
    { bind: true, params: ['foo', 'bar', 'label'], maxRetries: 1 },
    (self, foo: number, bar: number, label: string | null = null) => {
      if (self.retries === 0) self.retry({ args: [foo + 1, bar + 1], countdown: 0 });
      return { foo, bar, label, retries: self.retries, is_eager: false };
    },
  );
  app.task(
    nameOf('retry_with_kwargs_after_args'),
    { bind: true, params: ['foo', 'bar'], maxRetries: 1 },
    (self, foo: number, bar: number) => {
      if (self.retries === 0) self.retry({ kwargs: { foo: foo + 1 }, countdown: 0 });
      return { foo, bar, retries: self.retries, is_eager: false };
    },
  );
  app.task(
    'auto_retry_class_task',
    { bind: true, autoretryFor: [ValueError], retryKwargs: { maxRetries: 1 }, retryBackoff: true },
    (self): number => {
      if (self.retries > 0) return self.retries;
      throw new ValueError();
    },
  );
}

function registerOnce(app: App): void {
  app.task(
    nameOf('retry_once'),
    { bind: true, kwargs: true, expires: 120, maxRetries: 1 },
    (self, ...given: [...args: unknown[], keywords: RetryKeywords]): number => {
      const keywords = given.at(-1) as RetryKeywords;
      return self.retries > 0 ? self.retries : self.retry(toOptions({ max_retries: 1, countdown: 0.1, ...keywords }));
    },
  );
  for (const [name, ignoreResult] of [
    ['retry_once_ignore_result', true],
    ['retry_once_with_result', false],
  ] as const) {
    app.task(nameOf(name), { bind: true, ignoreResult }, (self): number =>
      self.retries > 0 ? self.retries : self.retry({ countdown: 0 }),
    );
  }
  app.task(nameOf('retry_once_priority'), { bind: true, maxRetries: 1 }, (self, ..._: unknown[]): number =>
    self.retries > 0 ? self.request.deliveryInfo.priority : self.retry({ countdown: 0.1, maxRetries: 1 }),
  );
  app.task(nameOf('retry_once_headers'), { bind: true, maxRetries: 1 }, (self, ..._: unknown[]): unknown =>
    self.retries > 0 ? self.request.headers : self.retry({ countdown: 0.1, maxRetries: 1 }),
  );
}

/** Python's None is «not given», save for max_retries, where it is for ever. */
function toOptions({ countdown, expires, max_retries: maxRetries }: RetryKeywords): RetryOptions {
  return {
    ...(countdown !== undefined && countdown !== null && { countdown }),
    ...(expires !== undefined && expires !== null && { expires }),
    ...(maxRetries !== undefined && { maxRetries }),
  };
}
