import { describe, expect, it } from 'vitest';
import { createQueueUrls } from '../../../../src/transports/sqs/queues.ts';
import { fakeApi, sdkError } from './fake-api.ts';

describe('looking a queue up', () => {
  it('asks for the SQS name, prefix included', async () => {
    const api = fakeApi();
    expect(await createQueueUrls(api, { queueNamePrefix: 'prod.' }).url({ queue: 'my.jobs.fifo' })).toBe(
      'https://sqs.test/1/prod-my-jobs.fifo',
    );
    expect(api.getQueueUrl.mock.calls).toEqual([['prod-my-jobs.fifo']]);
  });

  it('is done once, and shared by those who ask meanwhile', async () => {
    const api = fakeApi();
    const queues = createQueueUrls(api, {});
    await Promise.all([queues.url({ queue: 'a' }), queues.url({ queue: 'a' }), queues.url({ queue: 'b' })]);
    await queues.url({ queue: 'a' });
    expect(api.getQueueUrl).toHaveBeenCalledTimes(2);
  });

  it('is done again after it failed', async () => {
    const api = fakeApi();
    api.getQueueUrl.mockRejectedValueOnce(sdkError('QueueDoesNotExist'));
    const queues = createQueueUrls(api, { queueNamePrefix: 'p-' });
    const failure = await queues.url({ queue: 'a' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'QueueNotFound', queue: 'a' });
    expect(String(failure)).toMatch(/'p-a'.*sqs:GetQueueUrl.*infrastructure/);
    expect(await queues.url({ queue: 'a' })).toBe('https://sqs.test/1/p-a');
  });

  it('is done again after the queue was forgotten', async () => {
    const api = fakeApi();
    const queues = createQueueUrls(api, {});
    await queues.url({ queue: 'a' });
    queues.forget({ queue: 'a' });
    await queues.url({ queue: 'a' });
    expect(api.getQueueUrl).toHaveBeenCalledTimes(2);
  });

  it('is not tried for a name that SQS cannot have', async () => {
    const api = fakeApi();
    const queues = createQueueUrls(api, {});
    await expect(queues.url({ queue: 'x'.repeat(81) })).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    await expect(queues.url({ queue: 'a b' })).rejects.toMatchObject({ name: 'ImproperlyConfigured' });
    expect(api.getQueueUrl).not.toHaveBeenCalled();
  });

  it('asks for an own name as it is, and knows it from then on', async () => {
    const api = fakeApi();
    const queues = createQueueUrls(api, { queueNamePrefix: 'p-' });
    expect(await queues.url({ queue: 'p-a', ownName: true })).toBe('https://sqs.test/1/p-a');
    await queues.url({ queue: 'a' });
    expect(api.getQueueUrl.mock.calls).toEqual([['p-a']]);
    queues.forget({ queue: 'p-a', ownName: true });
    await queues.url({ queue: 'a' });
    expect(api.getQueueUrl).toHaveBeenCalledTimes(2);
  });

  it('names the permission when it is denied', async () => {
    const api = fakeApi({ getQueueUrl: () => Promise.reject(sdkError('AccessDeniedException')) });
    await expect(createQueueUrls(api, {}).url({ queue: 'a' })).rejects.toThrow(/needs sqs:GetQueueUrl/);
  });
});

describe('predefined queues', () => {
  const api = fakeApi();
  const url = 'https://sqs.eu-central-1.amazonaws.com/1/some-queue';

  it('are found by their own name or by the SQS name, as a text or as { url }, without asking SQS', async () => {
    const queues = createQueueUrls(api, { queues: { 'a.b': url, 'p-c': { url } }, queueNamePrefix: 'p.' });
    expect(await queues.url({ queue: 'a.b' })).toBe(url);
    expect(await queues.url({ queue: 'c' })).toBe(url);
    queues.forget({ queue: 'c' });
    expect(await queues.url({ queue: 'c' })).toBe(url);
    expect(api.getQueueUrl).not.toHaveBeenCalled();
  });

  it('are found by the last part of their URL when that is the name given', async () => {
    const queues = createQueueUrls(api, { queues: { a: url }, queueNamePrefix: 'p-' });
    expect(await queues.url({ queue: 'some-queue', ownName: true })).toBe(url);
    await expect(queues.url({ queue: 'a', ownName: true })).rejects.toMatchObject({ name: 'QueueNotFound', queue: 'a' });
    await expect(queues.url({ queue: 'some-queue' })).rejects.toMatchObject({ name: 'QueueNotFound' });
  });

  it.each(['other', 'constructor', '__proto__'])('do not include %s', async (name) => {
    await expect(createQueueUrls(api, { queues: { a: url } }).url({ queue: name })).rejects.toMatchObject({
      name: 'QueueNotFound',
      queue: name,
    });
  });

  it.each([{ 'a.fifo': url }, { a: `${url}.fifo` }, { a: 'not a URL' }])('are refused at once when name and URL disagree: %j', (queues) => {
    expect(() => createQueueUrls(api, { queues })).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
  });
});

describe("SQS's own name of a queue", () => {
  it('has the prefix and the spelling, and nothing is looked up for it', () => {
    const api = fakeApi();
    const queues = createQueueUrls(api, { queueNamePrefix: 'prod.' });
    expect(queues.name({ queue: 'my.jobs.fifo' })).toBe('prod-my-jobs.fifo');
    expect(queues.name({ queue: 'prod-my-jobs.fifo', ownName: true })).toBe('prod-my-jobs.fifo');
    expect(() => queues.name({ queue: 'a b' })).toThrow(/'a b'/);
    expect(api.getQueueUrl).not.toHaveBeenCalled();
  });

  it('is the end of its URL, where that is known beforehand', () => {
    const queues = createQueueUrls(fakeApi(), { queues: { jobs: 'https://sqs.test/1/shop-jobs' } });
    expect(queues.name({ queue: 'jobs' })).toBe('shop-jobs');
    expect(queues.name({ queue: 'shop-jobs', ownName: true })).toBe('shop-jobs');
    expect(() => queues.name({ queue: 'other' })).toThrow(expect.objectContaining({ name: 'QueueNotFound' }));
  });
});
