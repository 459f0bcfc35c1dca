/** When the AWS SDK is loaded, and what becomes of a failure to. */

import { expect, it, vi } from 'vitest';
import { createEventBridgeScheduler, type SchedulerClientOptions } from '../../../src/schedulers/eventbridge.ts';

const sdk = vi.hoisted(() => ({ loads: 0, fail: true, region: true, configs: [] as unknown[], destroyed: 0 }));

vi.mock('@aws-sdk/client-scheduler', async () => {
  sdk.loads += 1;
  if (sdk.fail) throw new Error('Cannot find package');
  class Command {}
  return {
    SchedulerClient: class {
      readonly config = { region: () => (sdk.region ? Promise.resolve('r') : Promise.reject(new Error('Region is missing'))) };
      readonly send = async () => ({});
      readonly destroy = () => {
        sdk.destroyed += 1;
      };
      constructor(config: unknown) {
        sdk.configs.push(config);
      }
    },
    CreateScheduleCommand: Command,
    DeleteScheduleCommand: Command,
    ListSchedulesCommand: Command,
  };
});

const create = (options: SchedulerClientOptions) =>
  createEventBridgeScheduler({ ...options, group: 'g', roleArn: 'arn:aws:iam::123456789012:role/x', queues: {} });

it('the SDK is loaded by the first request; failing to is ImproperlyConfigured, and is tried again', async () => {
  const scheduler = create({ region: 'r', endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  expect(sdk.loads).toBe(0);
  await expect(scheduler.cancel('n')).rejects.toMatchObject({
    name: 'ImproperlyConfigured',
    message: expect.stringContaining('install it'),
  });
  sdk.fail = false;
  vi.resetModules();
  await Promise.all([scheduler.cancel('n'), scheduler.cancel('n')]);
  expect(sdk.loads).toBe(2);
  expect(sdk.configs).toEqual([
    {
      region: 'r',
      endpoint: 'http://127.0.0.1:1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    },
  ]);
  await scheduler.close();
  expect(sdk.destroyed).toBe(1);
});

it('without a region it is ImproperlyConfigured', async () => {
  sdk.region = false;
  await expect(create({}).cancel('n')).rejects.toThrow('No AWS region is known');
});
