import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDynamoDBLedger } from '../../../src/ledgers/dynamodb.ts';

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
      send = async (): Promise<unknown> => ({});
      destroy(): void {
        sdk.destroyed += 1;
      }
    },
    BatchGetItemCommand: class {},
  };
});

const ask = (ledger: ReturnType<typeof createDynamoDBLedger>): Promise<boolean> => ledger.isRevoked({ taskId: 'i', stamps: {} }, 1);

afterEach(() => {
  sdk.configs.length = 0;
  sdk.destroyed = 0;
  sdk.missing = false;
  sdk.region = () => Promise.resolve('eu-west-1');
});

describe('the client', () => {
  // The first of all: a module that was imported once stays imported.
  it('imports its package when it is needed, is ImproperlyConfigured without it, and tries anew', async () => {
    const ledger = createDynamoDBLedger({ tableName: 't' });
    expect(sdk.imports).toBe(0);
    sdk.missing = true;
    await expect(ask(ledger)).rejects.toMatchObject({
      name: 'ImproperlyConfigured',
      message: expect.stringContaining('install it'),
    });
    sdk.missing = false;
    expect(await ask(ledger)).toBe(false);
    expect(sdk.imports).toBe(2);
  });

  it('is made at the first request and kept until it is closed', async () => {
    const ledger = createDynamoDBLedger({ tableName: 't' });
    expect(sdk.configs).toEqual([]);
    await Promise.all([ask(ledger), ask(ledger)]);
    expect(sdk.configs).toEqual([
      { maxAttempts: 3, requestHandler: { connectionTimeout: 2000, requestTimeout: 3000, throwOnRequestTimeout: true } },
    ]);
    await ledger.close?.();
    expect(sdk.destroyed).toBe(1);
  });

  it('goes where it is told', async () => {
    const connection = { region: 'us-east-1', endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    await ask(createDynamoDBLedger({ tableName: 't', ...connection }));
    expect(sdk.configs).toMatchObject([connection]);
  });

  it('that was never needed is not made in order to be closed', async () => {
    await createDynamoDBLedger({ tableName: 't' }).close?.();
    expect(sdk).toMatchObject({ configs: [], destroyed: 0 });
  });

  it('of your own is used and not closed', async () => {
    let sent = 0;
    const client = {
      send: async () => {
        sent += 1;
      },
    };
    const ledger = createDynamoDBLedger({ tableName: 't', client });
    await ask(ledger);
    await ledger.close?.();
    expect([sent, sdk.configs.length, sdk.destroyed]).toEqual([1, 0, 0]);
  });

  it('without a region is ImproperlyConfigured, and tried anew', async () => {
    sdk.region = () => Promise.reject(new Error('Region is missing'));
    const ledger = createDynamoDBLedger({ tableName: 't' });
    await expect(ask(ledger)).rejects.toMatchObject({ name: 'ImproperlyConfigured', message: expect.stringContaining('region') });
    sdk.region = () => Promise.resolve('eu-west-1');
    expect(await ask(ledger)).toBe(false);
  });
});
