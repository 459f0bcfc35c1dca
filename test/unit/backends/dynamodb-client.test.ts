import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDynamoDBBackend } from '../../../src/backends/dynamodb.ts';

const sdk = vi.hoisted(() => ({
  configs: [] as unknown[],
  destroyed: 0,
  imports: 0,
  region: (): Promise<string> => Promise.resolve('eu-west-1'),
  missing: false,
}));

vi.mock('@aws-sdk/client-dynamodb', () => {
  sdk.imports += 1;
  if (sdk.missing) throw new Error('Cannot find package');
  return {
    DynamoDBClient: class {
      readonly config = { region: () => sdk.region() };
      constructor(config: unknown) {
        sdk.configs.push(config);
      }
      send = async (): Promise<unknown> => undefined;
      destroy(): void {
        sdk.destroyed += 1;
      }
    },
    GetItemCommand: class {},
  };
});

afterEach(() => {
  sdk.configs.length = 0;
  sdk.destroyed = 0;
  sdk.missing = false;
  sdk.region = () => Promise.resolve('eu-west-1');
});

describe('the client of DynamoDB', () => {
  // The first of all: a module that was imported once stays imported.
  it('imports its package when it is needed, is ImproperlyConfigured without it, and tries anew', async () => {
    const backend = createDynamoDBBackend();
    expect(sdk.imports).toBe(0);
    sdk.missing = true;
    const missing = { name: 'ImproperlyConfigured', message: expect.stringContaining('install it') };
    await expect(backend.fetch('i')).rejects.toMatchObject(missing);
    sdk.missing = false;
    expect(await backend.fetch('i')).toBeUndefined();
    expect(sdk.imports).toBe(2);
  });

  it('is made at the first request, goes where it is told, and is kept until it is closed', async () => {
    const connection = { region: 'us-east-1', endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    const backend = createDynamoDBBackend(connection);
    expect(sdk.configs).toEqual([]);
    await Promise.all([backend.fetch('i'), backend.fetch('j')]);
    const requestHandler = { connectionTimeout: 2000, requestTimeout: 8000, throwOnRequestTimeout: true };
    expect(sdk.configs).toEqual([{ maxAttempts: 3, requestHandler, ...connection }]);
    await backend.close?.();
    expect(sdk.destroyed).toBe(1);
  });

  it('that was never needed is not made in order to be closed', async () => {
    await createDynamoDBBackend().close?.();
    expect(sdk).toMatchObject({ configs: [], destroyed: 0 });
  });

  it('says whose region is missing', async () => {
    sdk.region = () => Promise.reject(new Error('Region is missing'));
    await expect(createDynamoDBBackend().fetch('i')).rejects.toThrow(/give createDynamoDBBackend a region/);
  });

  it('of your own is used and not closed', async () => {
    const send = vi.fn(async () => ({}));
    const backend = createDynamoDBBackend({ client: { send } });
    await backend.fetch('i');
    await backend.close?.();
    expect(send).toHaveBeenCalledTimes(1);
    expect(sdk).toMatchObject({ configs: [], destroyed: 0 });
  });
});
