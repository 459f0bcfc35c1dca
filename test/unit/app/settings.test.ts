import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/app/settings.ts';
import { checkSettings } from '../../../src/app/settings-check.ts';

const check = (given: object) => () => checkSettings(given as Partial<Settings>);

describe('settings', () => {
  it('default to Celery’s own', () => {
    expect(checkSettings({})).toEqual(DEFAULT_SETTINGS);
    expect(DEFAULT_SETTINGS).toMatchObject({ taskDefaultQueue: 'celery', taskProtocol: 2, taskSerializer: 'json', resultExpires: 86_400 });
  });

  it('keep what is given and cannot be changed afterwards', () => {
    const settings = checkSettings({ taskDefaultQueue: 'orders', resultExpires: null });
    expect(settings).toMatchObject({ taskDefaultQueue: 'orders', resultExpires: null });
    expect(() => Object.assign(settings, { taskDefaultQueue: 'x' })).toThrow(TypeError);
  });

  it.each([
    [{ taskDefaultQeue: 'x' }, "did you mean 'taskDefaultQueue'?"],
    [{ task_default_queue: 'x' }, "did you mean 'taskDefaultQueue'?"],
    [{ acceptContents: [] }, "did you mean 'acceptContent'?"],
    [{ workerConcurrency: 4 }, 'has no meaning on SQS and Lambda: Lambda starts and stops workers'],
    [{ brokerUrl: 'sqs://' }, 'the transport is given to app.connect'],
    [{ task_always_eager: true }, 'celeriac/testing'],
    [{ constructor: 1 }, "There is no setting 'constructor'"],
    [{ zebra: 1 }, 'The settings are: taskSerializer'],
  ])('refuse the unknown %o and say what to do', (given, hint) => {
    expect(check(given)).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining(hint) }));
  });

  it.each([
    [{ taskProtocol: 3 }, 'taskProtocol is 3; expected 2 or 1'],
    [{ taskProtocol: '2' }, "taskProtocol is '2'"],
    [{ taskDefaultQueue: '' }, "taskDefaultQueue is ''; expected a text"],
    [{ acceptContent: 'json' }, "acceptContent is 'json'; expected an array of texts"],
    [{ taskIgnoreResult: 1 }, 'expected true or false'],
    [{ taskTimeLimit: -1 }, 'a number of seconds above 0, or null'],
    [{ taskTimeLimit: Number.NaN }, 'a number of seconds above 0, or null'],
    [{ taskRoutes: 7 }, 'taskRoutes is 7'],
    [{ taskPublishRetryPolicy: { maxRetries: -1 } }, 'taskPublishRetryPolicy is an object'],
    [{ taskPublishRetryPolicy: { attempts: 1 } }, 'maxRetries, intervalStart, intervalStep, intervalMax'],
    [{ taskPublishRetryPolicy: [] }, 'is an array'],
    [{ brokerTransportOptions: { region: 'x' } }, 'sqsBase64Encoding, bodyEncoding'],
    [{ brokerTransportOptions: null }, 'brokerTransportOptions is null'],
    [{ codecs: () => [] }, 'codecs is a function'],
  ])('refuse the value %o and say what was expected', (given, text) => {
    expect(check(given)).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured', message: expect.stringContaining(text) }));
  });

  it('take undefined as not given', () => {
    expect(checkSettings({ deadLetterQueue: undefined } as never).deadLetterQueue).toBeNull();
  });
});
