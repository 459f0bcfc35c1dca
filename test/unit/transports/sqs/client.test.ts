/** When the AWS SDK is loaded, and what becomes of a failure to. */

import { describe, expect, it, vi } from 'vitest';
import { createSqsTransport } from '../../../../src/transports/sqs/index.ts';

const loads = vi.hoisted(() => ({ count: 0, fail: true }));
const configs = vi.hoisted((): unknown[] => []);

vi.mock('@aws-sdk/client-sqs', async () => {
  loads.count += 1;
  if (loads.fail) throw new Error('Cannot find package');
  return {
    SQSClient: class {
      readonly config = { region: async () => 'r' };
      readonly send = async () => ({ Successful: [{ Id: '0', MessageId: 'm' }] });
      constructor(config: unknown) {
        configs.push(config);
      }
    },
    SendMessageBatchCommand: class {
      readonly input: unknown;
      constructor(input: unknown) {
        this.input = input;
      }
    },
  };
});

const client = { send: async () => ({ Successful: [{ Id: '0', MessageId: 'm' }] }) };
const message = { queue: 'q', id: 'i', body: 'b' };

describe('the AWS SDK', () => {
  it('is loaded by the first request and no sooner; failing to is ImproperlyConfigured, and is tried again', async () => {
    const transport = createSqsTransport({ client, queues: { q: 'https://sqs.test/1/q' } });
    expect(await transport.send([{ ...message, body: '' }])).toMatchObject([{ ok: false }]);
    await transport.close();
    expect(loads.count).toBe(0);

    expect(await transport.send([message])).toMatchObject([{ ok: false, error: { name: 'ImproperlyConfigured' } }]);
    loads.fail = false;
    vi.resetModules();
    expect(await transport.send([message])).toEqual([{ ok: true, messageId: 'm' }]);
    await transport.send([message]);
    expect(loads.count).toBe(2);
  });
  it('makes one client, with one attempt, one endpoint and requests that end', async () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const queues = { q: 'https://sqs.test/1/q' };
    const transport = createSqsTransport({ region: 'r', endpoint: 'http://127.0.0.1:1', credentials, queues });
    await Promise.all([transport.send([message]), transport.send([message])]);
    await createSqsTransport({ queues }).send([message]);
    const fixed = {
      maxAttempts: 1,
      useQueueUrlAsEndpoint: false,
      md5: false,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    };
    expect(configs).toEqual([{ ...fixed, region: 'r', endpoint: 'http://127.0.0.1:1', credentials }, fixed]);
  });
});
