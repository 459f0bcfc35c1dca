/**
 * The failures of the lean transport are those of the transport over the SDK: for each answer of a server on loopback, a message sent
 * by one and by the other comes to the same.
 */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationalError } from '../../../../src/errors.ts';
import { createSqsTransport } from '../../../../src/transports/sqs/index.ts';
import { createSqsFetchTransport } from '../../../../src/transports/sqs-fetch/index.ts';
import type { Transport } from '../../../../src/transports/transport.ts';
import type { Canned } from './fake-http.ts';

let server: Server;
let answer: Canned;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/x-amz-json-1.0', ...answer.headers });
      response.end(answer.text);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function transports(): readonly [sdk: Transport, ...lean: Transport[]] {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    queues: { jobs: `${endpoint}/1/jobs` },
  };
  return [createSqsTransport(options), createSqsFetchTransport(options), createSqsFetchTransport({ ...options, fetch })];
}

async function outcomes(): Promise<readonly object[]> {
  const made = transports();
  const receipts = await Promise.all(made.map((transport) => transport.send([{ queue: 'jobs', id: 'i', body: 'b' }])));
  await Promise.all(made.map((transport) => transport.close?.()));
  return receipts.map(([receipt]) => {
    if (receipt?.ok !== false) return receipt!;
    const { name, message, retryable } = receipt.error as OperationalError;
    return { name, message, retryable };
  });
}

/** As SQS answers it: the shape in the body, the code of the older protocol in a header. */
const refused = (status: number, type: string, code?: string): Canned => ({
  status,
  headers: code === undefined ? {} : { 'x-amzn-query-error': `${code};Sender` },
  text: JSON.stringify({ __type: type, message: `said of ${type}` }),
});

const SQS = 'com.amazonaws.sqs#';
const CORAL = 'com.amazon.coral.service#';

describe('an answer of SQS comes to the same', () => {
  it.each<[about: string, answer: Canned, outcome: object]>([
    ['no such queue', refused(400, `${SQS}QueueDoesNotExist`, 'AWS.SimpleQueueService.NonExistentQueue'), { name: 'QueueNotFound' }],
    ['no such queue, without the older code', refused(400, `${SQS}QueueDoesNotExist`), { name: 'QueueNotFound' }],
    ['denied', refused(403, `${CORAL}AccessDeniedException`, 'AccessDenied'), { retryable: false, message: denied('sqs:SendMessage') }],
    [
      'denied the key',
      refused(400, `${SQS}KmsAccessDenied`, 'KMS.AccessDeniedException'),
      { retryable: false, message: denied('kms:GenerateDataKey and kms:Decrypt on the queue’s key') },
    ],
    ['throttled', refused(403, `${SQS}RequestThrottled`, 'RequestThrottled'), { retryable: true }],
    ['throttled by the front', refused(400, `${CORAL}ThrottlingException`, 'Throttling'), { retryable: true }],
    ['throttled by KMS', refused(400, `${SQS}KmsThrottled`, 'KMS.ThrottlingException'), { retryable: true }],
    ['over a limit', refused(403, `${SQS}OverLimit`, 'OverLimit'), { retryable: true }],
    ['an expired token', refused(403, `${CORAL}ExpiredTokenException`, 'ExpiredToken'), { retryable: true }],
    ['an expired request', refused(403, `${CORAL}RequestExpired`, 'RequestExpired'), { retryable: true }],
    ['a wrong signature', refused(403, `${CORAL}InvalidSignatureException`, 'SignatureDoesNotMatch'), { retryable: false }],
    ['an unknown key', refused(403, `${CORAL}UnrecognizedClientException`, 'InvalidClientTokenId'), { retryable: false }],
    ['characters it refuses', refused(400, `${SQS}InvalidMessageContents`), { retryable: false }],
    ['a disabled key', refused(400, `${SQS}KmsDisabled`, 'KMS.DisabledException'), { retryable: false }],
    ['a wrong parameter', refused(400, `${CORAL}InvalidParameterValueException`, 'InvalidParameterValue'), { retryable: false }],
    ['too long a batch', refused(400, `${SQS}BatchRequestTooLong`, 'AWS.SimpleQueueService.BatchRequestTooLong'), { retryable: false }],
    ['a fault of its own', refused(500, `${CORAL}InternalFailure`, 'InternalFailure'), { retryable: true }],
    ['not available', refused(503, `${CORAL}ServiceUnavailableException`, 'ServiceUnavailable'), { retryable: true }],
    ['something new', refused(400, `${SQS}SomethingNew`), { retryable: false }],
    ['a type with an address', refused(400, 'QueueDoesNotExist:http://internal.amazon.com/coral/'), { name: 'QueueNotFound' }],
    ['an error of no type', { status: 400, text: '{"message":"?"}' }, { retryable: false }],
    ['an entry that was refused', failed({ SenderFault: true, Code: 'InvalidParameterValue', Message: 'm' }), { retryable: false }],
    ['an entry that failed', failed({ SenderFault: false, Code: 'InternalError' }), { retryable: true }],
    ['an entry that is not mentioned', { text: '{"Successful":[],"Failed":[]}' }, { retryable: true }],
    ['no entries', { text: '{}' }, { retryable: true }],
    ['nothing', { text: '' }, { retryable: true }],
    ['an entry that was taken', taken(), { ok: true, messageId: 'm' }],
  ])('%s', async (_about, canned, outcome) => {
    answer = canned;
    const [bySdk, ...lean] = await outcomes();
    expect(bySdk).toMatchObject(outcome);
    expect(lean).toEqual([bySdk, bySdk]);
  });

  it.each<[about: string, answer: Canned, shown: string]>([
    [
      'a page of a proxy',
      { status: 503, headers: { 'content-type': 'text/html' }, text: '<html>busy</html>' },
      '(text/html): "<html>busy</html>"',
    ],
    ['a redirect', { status: 302, headers: { location: 'http://elsewhere.test/' }, text: 'gone' }, 'status 302'],
    ['JSON that was cut', { text: '{"Successful":[{"Id":"0","Mess' }, '"{\\"Successful\\":'],
    ['JSON that is no object', { text: '["Successful"]' }, "is not SQS's JSON"],
    ['an error of nothing', { status: 502, text: '' }, 'status 502'],
    ['a page without end', { status: 500, text: 'x'.repeat(100_000) }, `"${'x'.repeat(100)}…"`],
  ])('%s, in words of its own', async (_about, canned, shown) => {
    answer = canned;
    const [bySdk, ...lean] = (await outcomes()) as readonly [OperationalError, ...OperationalError[]];
    for (const outcome of lean) {
      expect(outcome).toMatchObject({ name: bySdk.name, retryable: bySdk.retryable });
      expect(outcome.message).toContain(shown);
      expect(outcome.message.length).toBeLessThan(300);
    }
  });

  it('no answer at all', async () => {
    const made = transports();
    await new Promise((resolve) => server.close(resolve));
    for (const transport of made) {
      const [receipt] = await transport.send([{ queue: 'jobs', id: 'i', body: 'b' }]);
      expect(receipt).toMatchObject({ ok: false, error: { name: 'OperationalError', retryable: true } });
      expect(receipt?.ok === false && receipt.error.message).toMatch(/^sqs:SendMessage on queue 'jobs' failed: Error: .*ECONNREFUSED/);
    }
  });
});

function denied(permission: string): string {
  return `sqs:SendMessage on queue 'jobs' was denied; the role needs ${permission}.`;
}

function failed(entry: object): Canned {
  return { text: JSON.stringify({ Successful: [], Failed: [{ Id: '0', ...entry }] }) };
}

/** With the digest of `b`, which the SDK checks. */
function taken(): Canned {
  return { text: JSON.stringify({ Successful: [{ Id: '0', MessageId: 'm', MD5OfMessageBody: '92eb5ffee6ae2fec3ad71c777531578f' }] }) };
}
