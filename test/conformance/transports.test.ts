/** The transport suite over memory, and over SQS as fauxqs plays it on loopback, and moto where it is at hand. */

import { setTimeout as wait } from 'node:timers/promises';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TransportCase, type TransportUnderTest, transportSuite } from '../../src/testing/transport-suite.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import { createSqsTransport } from '../../src/transports/sqs/index.ts';
import { createSqsFetchTransport, type SqsFetchTransportOptions } from '../../src/transports/sqs-fetch/index.ts';

function check(cases: readonly TransportCase[]): void {
  for (const { name, run, cannot } of cases) {
    if (cannot === undefined) it(name, run);
    else it.fails(`${name} [cannot: ${cannot}]`, run);
  }
}

describe('the memory transport', () => {
  const make = (): TransportUnderTest => {
    let now = Date.UTC(2026, 0, 1);
    let made = 0;
    const queues = ['q1', 'q2', 'q3', 'q1.fifo', 'q2.fifo', 'q3.fifo'];
    return {
      transport: createMemoryTransport({ clock: { now: () => now }, queues, visibilityTimeoutSeconds: 2 }),
      queue: (kind) => {
        made += 1;
        return kind === 'fifo' ? `q${made}.fifo` : `q${made}`;
      },
      visibilityTimeoutSeconds: 2,
      pass: async (seconds) => {
        now += seconds * 1000;
      },
      missingQueue: 'nowhere',
    };
  };
  check(transportSuite(make));
});

/** The same over the SDK, over node:http, and over `fetch`, as it is where there is no Node. */
const SQS_TRANSPORTS = [
  ['the SQS transport', createSqsTransport],
  ['the lean SQS transport', createSqsFetchTransport],
  ['the lean SQS transport by fetch', (options: SqsFetchTransportOptions) => createSqsFetchTransport({ ...options, fetch })],
] as const;

describe.each(SQS_TRANSPORTS)('%s over fauxqs', (_name, create) => {
  let server: FauxqsServer;
  let made = 0;
  beforeAll(async () => {
    server = await startFauxqs({ port: 0, logger: false });
  });
  afterAll(() => server.stop());

  const make = (): TransportUnderTest => {
    const transport = create({
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      queueNamePrefix: 'conformance.',
    });
    return {
      transport,
      queue: (kind) => {
        made += 1;
        const attributes = { VisibilityTimeout: '2', ...(kind === 'fifo' && { FifoQueue: 'true' }) };
        const suffix = kind === 'fifo' ? '.fifo' : '';
        server.createQueue(`conformance-q-${made}${suffix}`, { attributes });
        return `q.${made}${suffix}`;
      },
      visibilityTimeoutSeconds: 2,
      pass: (seconds) => wait(seconds * 1000 + 20),
      missingQueue: 'nowhere',
      close: () => transport.close(),
    };
  };
  check(
    transportSuite(make, {
      'carries characters outside the basic plane': 'fauxqs refuses every surrogate, SQS only lone ones',
      'brings the trace header': 'fauxqs drops AWSTraceHeader',
      'brings the group of a message on a standard queue': 'fauxqs drops MessageGroupId on standard queues',
    }),
  );
});

/** Of moto, where with-moto.ts has started it. */
const moto = process.env['CELERIAC_DYNAMODB_ENDPOINT'];
if (!moto) console.log('transports: fauxqs alone plays SQS; CELERIAC_DYNAMODB_ENDPOINT names no other (npm run test:moto)');

/** More than the suite asks for. */
const QUEUES = 80;

describe.runIf(moto).each(SQS_TRANSPORTS)('%s over moto', (_name, create) => {
  const options = { endpoint: moto!, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const queueNamePrefix = `conformance-${crypto.randomUUID().slice(0, 8)}-`;
  const client = new SQSClient(options);
  const names = Array.from({ length: QUEUES }, (_, index) => [`q-${index}`, `q-${index}.fifo`] as const);
  beforeAll(async () => {
    for (const name of names.flat()) {
      const Attributes = { VisibilityTimeout: '2', ...(name.endsWith('.fifo') && { FifoQueue: 'true' }) };
      await client.send(new CreateQueueCommand({ QueueName: queueNamePrefix + name, Attributes }));
    }
  }, 60_000);
  afterAll(() => client.destroy());

  const make = (): TransportUnderTest => {
    const transport = create({ ...options, queueNamePrefix });
    return {
      transport,
      queue(kind) {
        const [standard, fifo] = names.pop()!;
        return kind === 'fifo' ? fifo : standard;
      },
      visibilityTimeoutSeconds: 2,
      pass: (seconds) => wait(seconds * 1000 + 20),
      missingQueue: 'nowhere',
      close: () => transport.close(),
    };
  };
  check(
    transportSuite(make, {
      'brings the trace header': 'moto drops AWSTraceHeader of a batch',
      'queues a FIFO message once that is sent twice, told by its task id or its own deduplication id':
        'moto gives what it does not queue again an id of its own, SQS the first one',
    }),
  );
});

describe('an endpoint named by the environment', () => {
  it.each(SQS_TRANSPORTS)('is used for every request, whatever host the queue URLs name: %s', async (_name, create) => {
    const server = await startFauxqs({ port: 0, logger: false });
    server.createQueue('celery');
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', `http://127.0.0.1:${server.port}`);
    const transport = create({ region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    const receipts = await transport.send([{ queue: 'celery', id: 'i', body: 'b' }]);
    vi.unstubAllEnvs();
    await transport.close();
    await server.stop();
    expect(receipts).toMatchObject([{ ok: true }]);
  });
});

describe('the suite', () => {
  it('refuses to excuse a case that does not exist', () => {
    expect(() => transportSuite(() => expect.fail(), { 'flies to the moon': 'no wings' })).toThrow(/flies to the moon/);
  });
});
