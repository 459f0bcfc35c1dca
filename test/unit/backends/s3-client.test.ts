import { afterEach, describe, expect, it, vi } from 'vitest';
import { createS3Backend } from '../../../src/backends/s3.ts';

const sdk = vi.hoisted(() => ({
  configs: [] as unknown[],
  destroyed: 0,
  imports: 0,
  region: (): Promise<string> => Promise.resolve('eu-west-1'),
  missing: false,
}));

vi.mock('@aws-sdk/client-s3', () => {
  sdk.imports += 1;
  if (sdk.missing) throw new Error('Cannot find package');
  return {
    S3Client: class {
      readonly config = { region: () => sdk.region() };
      constructor(config: unknown) {
        sdk.configs.push(config);
      }
      send = (): Promise<unknown> => Promise.reject(Object.assign(new Error('none'), { name: 'NoSuchKey' }));
      destroy(): void {
        sdk.destroyed += 1;
      }
    },
    GetObjectCommand: class {},
  };
});

afterEach(() => {
  sdk.configs.length = 0;
  sdk.destroyed = 0;
  sdk.missing = false;
  sdk.region = () => Promise.resolve('eu-west-1');
});

describe('the client of S3', () => {
  // The first of all: a module that was imported once stays imported.
  it('imports its package when it is needed, is ImproperlyConfigured without it, and tries anew', async () => {
    const backend = createS3Backend({ bucket: 'b' });
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
    const backend = createS3Backend({ bucket: 'b', ...connection });
    expect(sdk.configs).toEqual([]);
    await Promise.all([backend.fetch('i'), backend.fetch('j')]);
    const requestHandler = { connectionTimeout: 2000, requestTimeout: 15000, throwOnRequestTimeout: true };
    expect(sdk.configs).toEqual([{ maxAttempts: 3, requestHandler, forcePathStyle: true, ...connection }]);
    await backend.close?.();
    expect(sdk.destroyed).toBe(1);
  });

  it('that was never needed is not made in order to be closed', async () => {
    await createS3Backend({ bucket: 'b' }).close?.();
    expect(sdk).toMatchObject({ configs: [], destroyed: 0 });
  });

  it('says whose region is missing', async () => {
    sdk.region = () => Promise.reject(new Error('Region is missing'));
    await expect(createS3Backend({ bucket: 'b' }).fetch('i')).rejects.toThrow(/give createS3Backend a region/);
  });

  it('of your own is used and not closed', async () => {
    const send = vi.fn(async () => ({ Body: { transformToByteArray: async () => Buffer.from('{"status": "SUCCESS", "task_id": "i"}') } }));
    const backend = createS3Backend({ bucket: 'b', client: { send } });
    await backend.fetch('i');
    await backend.close?.();
    expect(send).toHaveBeenCalledTimes(1);
    expect(sdk).toMatchObject({ configs: [], destroyed: 0 });
  });
});
