/** One call: what is signed and sent, and when it is sent again. */

import { describe, expect, it, vi } from 'vitest';
import { type CallerParts, createCaller } from '../../../../src/transports/sqs-fetch/caller.ts';
import { createCredentialSource, type SqsFetchCredentials } from '../../../../src/transports/sqs-fetch/credentials.ts';
import type { Http, HttpRequest } from '../../../../src/transports/sqs-fetch/http.ts';
import { resolvePlace } from '../../../../src/transports/sqs-fetch/place.ts';
import { createFakeClock, NOON } from '../../../support/fake-clock.ts';
import { type Canned, fakeHttp, refused, toAnswer } from './fake-http.ts';

const KEYS: SqsFetchCredentials = { accessKeyId: 'A', secretAccessKey: 'S' };
const sign = vi.fn(() => 'signed');

function caller(answers: readonly (Canned | Error)[], more: Partial<CallerParts> = {}) {
  const http = fakeHttp(...answers);
  const clock = createFakeClock(NOON, { autoAdvance: true });
  const parts: CallerParts = {
    place: resolvePlace({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' }),
    credentials: createCredentialSource(KEYS, clock),
    signer: { sign },
    http,
    clock,
    maxAttempts: 1,
    random: () => 0.5,
  };
  return { call: createCaller({ ...parts, ...more }), http, clock };
}

const header = ({ headers }: HttpRequest, wanted: string) => headers.find(([name]) => name === wanted)?.[1];
const dates = (requests: readonly HttpRequest[]) => requests.map((request) => header(request, 'x-amz-date'));
const dated = (ms: number) => ({ date: new Date(ms).toUTCString() });
const HOUR = 3_600_000;

describe('a call', () => {
  it('is a signed POST of the operation in JSON, given ten seconds', async () => {
    const { call, http } = caller([{ text: '{"QueueUrl":"u"}' }]);
    expect(await call('GetQueueUrl', { QueueName: 'q' })).toEqual({ QueueUrl: 'u' });
    expect(http.requests).toEqual([
      {
        body: '{"QueueName":"q"}',
        timeoutMs: 10_000,
        signal: undefined,
        headers: [
          ['content-type', 'application/x-amz-json-1.0'],
          ['host', '127.0.0.1:1'],
          ['x-amz-date', '20300102T120000Z'],
          ['x-amz-target', 'AmazonSQS.GetQueueUrl'],
          ['x-amzn-query-mode', 'true'],
          ['authorization', 'signed'],
        ],
      },
    ]);
  });

  it('has the session token among what is signed, its names in order', async () => {
    const { call } = caller([{}], { credentials: createCredentialSource({ ...KEYS, sessionToken: 'T' }, createFakeClock()) });
    await call('DeleteMessage', {});
    const [request] = sign.mock.lastCall as unknown as [HttpRequest];
    const names = request.headers.map(([name]) => name);
    expect(names).toContain('x-amz-security-token');
    expect(names).toEqual([...names].sort());
  });

  it('that waits on purpose is given that much longer', async () => {
    const { call, http } = caller([{}]);
    await call('ReceiveMessage', {}, { waitMs: 20_000 });
    expect(http.requests[0]?.timeoutMs).toBe(30_000);
  });

  it('may be answered with nothing at all', async () => {
    expect(await caller([{ text: '' }]).call('DeleteMessage', {})).toEqual({});
  });

  it('is not made for one who has given up', async () => {
    const { call, http } = caller([{}]);
    await expect(call('ReceiveMessage', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(http.requests).toEqual([]);
  });
});

describe('a clock that is wrong', () => {
  it.each(['RequestTimeTooSkewed', 'InvalidSignatureException', 'RequestExpired', 'SignatureDoesNotMatch'])(
    'is set by the date of the answer %s, and the call made again at once',
    async (code) => {
      const { call, http, clock } = caller([refused(code, { headers: dated(NOON + HOUR) }), {}]);
      await call('DeleteMessage', {});
      await call('DeleteMessage', {});
      expect(dates(http.requests)).toEqual(['20300102T120000Z', '20300102T130000Z', '20300102T130000Z']);
      expect(clock.sleeps).toEqual([]);
    },
  );

  it('is set once for a call', async () => {
    const { call, http } = caller([
      refused('RequestTimeTooSkewed', { headers: dated(NOON + HOUR) }),
      refused('RequestTimeTooSkewed', { headers: dated(NOON - HOUR) }),
    ]);
    await expect(call('DeleteMessage', {})).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
    expect(http.requests).toHaveLength(2);
  });

  it.each<[string, Canned]>([
    ['a date that is near', refused('InvalidSignatureException', { headers: dated(NOON + 3 * 60_000) })],
    ['no date', refused('RequestTimeTooSkewed')],
    ['a date that is none', refused('RequestTimeTooSkewed', { headers: { date: 'noon' } })],
    ['another reason', refused('AccessDeniedException', { headers: dated(NOON + HOUR) })],
  ])('is not what the answer is taken for with %s', async (_what, answer) => {
    const { call, http } = caller([answer, {}]);
    await expect(call('DeleteMessage', {})).rejects.toThrow('what SQS said');
    expect(http.requests).toHaveLength(1);
  });
});

describe('credentials that have expired', () => {
  const provider = () => {
    let count = 0;
    return async () => ({ ...KEYS, accessKeyId: `A${++count}` });
  };

  it.each(['ExpiredToken', 'ExpiredTokenException'])('are fetched anew after %s, and the call made again at once', async (code) => {
    const clock = createFakeClock();
    const credentials = createCredentialSource(provider(), clock);
    const { call, http } = caller([refused(code), {}], { credentials });
    await call('DeleteMessage', {});
    expect(http.requests).toHaveLength(2);
    expect(await credentials.current()).toMatchObject({ accessKeyId: 'A2' });
  });

  it('are fetched once for a call', async () => {
    const { call, http } = caller([refused('ExpiredToken')], { credentials: createCredentialSource(provider(), createFakeClock()) });
    await expect(call('DeleteMessage', {})).rejects.toMatchObject({ name: 'ExpiredToken' });
    expect(http.requests).toHaveLength(2);
  });

  it('and cannot change are not tried again', async () => {
    const { call, http } = caller([refused('ExpiredToken')]);
    await expect(call('DeleteMessage', {})).rejects.toMatchObject({ name: 'ExpiredToken' });
    expect(http.requests).toHaveLength(1);
  });

  it('and a clock that is wrong are both put right', async () => {
    const credentials = createCredentialSource(provider(), createFakeClock());
    const answers = [refused('ExpiredToken'), refused('RequestTimeTooSkewed', { headers: dated(NOON - HOUR) }), {}];
    const { call, http } = caller(answers, { credentials });
    await call('DeleteMessage', {});
    expect(dates(http.requests)).toEqual(['20300102T120000Z', '20300102T120000Z', '20300102T110000Z']);
  });
});

describe('a failure that may pass', () => {
  const busy = refused('ServiceUnavailable', { status: 503 });

  it('is the caller’s, who makes one attempt', async () => {
    const { call, http } = caller([busy, {}]);
    await expect(call('SendMessageBatch', {})).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    expect(http.requests).toHaveLength(1);
  });

  it('is tried again as often as was asked for, after waits that grow and are jittered', async () => {
    const lost = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    const { call, http, clock } = caller([busy, refused('ThrottlingException'), lost, {}], { maxAttempts: 4 });
    expect(await call('SendMessageBatch', {})).toEqual({});
    expect(clock.sleeps).toEqual([50, 100, 200]);
    expect(http.requests).toHaveLength(4);
  });

  it('is told when no attempt is left', async () => {
    const { call, http } = caller([busy], { maxAttempts: 2 });
    await expect(call('SendMessageBatch', {})).rejects.toThrow('what SQS said');
    expect(http.requests).toHaveLength(2);
  });

  it('waits 20 seconds at most', async () => {
    const { call, clock } = caller([busy], { maxAttempts: 12, random: () => 1 });
    await expect(call('SendMessageBatch', {})).rejects.toThrow();
    expect(clock.sleeps.slice(-4)).toEqual([12_800, 20_000, 20_000, 20_000]);
  });

  it('ends with the patience of the caller', async () => {
    const patience = new AbortController();
    const http = fakeHttp(busy);
    const { call } = caller([], {
      maxAttempts: 5,
      http: {
        ...http,
        async post(request) {
          patience.abort();
          return http.post(request);
        },
      },
    });
    await expect(call('ReceiveMessage', {}, { signal: patience.signal })).rejects.toThrow();
    expect(http.requests).toHaveLength(1);
  });

  it.each(['QueueDoesNotExist', 'AccessDeniedException', 'InvalidMessageContents'])('is not one that stands: %s', async (code) => {
    const { call, http } = caller([refused(code)], { maxAttempts: 5 });
    await expect(call('SendMessageBatch', {})).rejects.toMatchObject({ name: code });
    expect(http.requests).toHaveLength(1);
  });
});

describe('many calls with a wrong clock', () => {
  it('are all corrected, though the first of them has set the clock already', async () => {
    const clock = createFakeClock(NOON);
    const http: Http = {
      async post({ headers }) {
        await new Promise((resolve) => setImmediate(resolve));
        const isRight = headers.some(([name, value]) => name === 'x-amz-date' && value === '20300102T130000Z');
        return toAnswer(isRight ? {} : refused('InvalidSignatureException', { headers: dated(NOON + HOUR) }));
      },
      close() {},
    };
    const { call } = caller([], { http, clock });
    expect(await Promise.all(Array.from({ length: 8 }, () => call('SendMessageBatch', {})))).toHaveLength(8);
  });
});

describe('a wrong date in an answer', () => {
  it('is given up again when it did not help, so that it does not spoil what comes later', async () => {
    const answer = refused('SignatureDoesNotMatch', { headers: dated(NOON + HOUR) });
    const { call, http } = caller([answer, answer, {}]);
    await expect(call('SendMessageBatch', {})).rejects.toThrow();
    await call('SendMessageBatch', {});
    expect(dates(http.requests)).toEqual(['20300102T120000Z', '20300102T130000Z', '20300102T120000Z']);
  });
});

describe('an answer that tells what should have been signed', () => {
  it('does not bring the session token into the error', async () => {
    const text = JSON.stringify({ __type: 'SignatureDoesNotMatch', message: 'expected x-amz-security-token:TOP-SECRET' });
    const credentials = createCredentialSource({ ...KEYS, sessionToken: 'TOP-SECRET' }, createFakeClock());
    const { call } = caller([{ status: 403, text }], { credentials });
    await expect(call('SendMessageBatch', {})).rejects.toThrow('x-amz-security-token:***');
  });
});
