/** HTTP over a `fetch` that is handed in, as it is where there is no Node. */

import { describe, expect, it, vi } from 'vitest';
import { createFetchHttp } from '../../../../src/transports/sqs-fetch/fetch-http.ts';
import { MAX_ANSWER_BYTES } from '../../../../src/transports/sqs-fetch/http.ts';
import { resolvePlace } from '../../../../src/transports/sqs-fetch/place.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const REQUEST = {
  headers: [
    ['host', 'h'],
    ['x-a', 'b'],
  ] as const,
  body: '{"π":1}',
  timeoutMs: 10_000,
};

function world(answer: typeof fetch) {
  const fetch = vi.fn(answer);
  const clock = createFakeClock();
  return { fetch, clock, http: createFetchHttp(fetch, resolvePlace({ region: 'us-east-1', endpoint: 'http://sqs.test/x' }), clock) };
}

/** Never answers, and rejects with its signal's reason, as fetch does. */
const silent: typeof fetch = (_url, init) =>
  new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));

describe('a request by fetch', () => {
  it('is a POST that follows no redirect, its host left to fetch', async () => {
    const { fetch, http } = world(async () => new Response('{"a":"€"}', { status: 400, headers: { 'X-Amzn-RequestId': 'r' } }));
    const answer = await http.post(REQUEST);
    expect(answer).toMatchObject({ status: 400, text: '{"a":"€"}' });
    expect([answer.header('x-amzn-requestid'), answer.header('x-none')]).toEqual(['r', undefined]);
    expect(fetch.mock.lastCall).toMatchObject([
      'http://sqs.test/x/',
      { method: 'POST', body: REQUEST.body, headers: [['x-a', 'b']], redirect: 'manual' },
    ]);
  });

  it('may be answered without a body, and in pieces', async () => {
    const bytes = new TextEncoder().encode('{"a":"€"}');
    const pieces = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.slice(0, 7));
        controller.enqueue(bytes.slice(7));
        controller.close();
      },
    });
    const answers = [new Response(null), new Response(pieces)];
    const { http } = world(async () => answers.shift()!);
    expect((await http.post(REQUEST)).text).toBe('');
    expect((await http.post(REQUEST)).text).toBe('{"a":"€"}');
  });

  it('ends after its limit', async () => {
    const { http, clock } = world(silent);
    const failed = expect(http.post(REQUEST)).rejects.toMatchObject({ name: 'TimeoutError', message: 'no answer after 10000 ms' });
    await clock.advance(10_000);
    await failed;
  });

  it('ends with its signal', async () => {
    const { http } = world(silent);
    const patience = new AbortController();
    const failed = expect(http.post({ ...REQUEST, signal: patience.signal })).rejects.toMatchObject({ name: 'AbortError' });
    patience.abort();
    await failed;
  });

  it('tells why it failed', async () => {
    const { http } = world(async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') });
    });
    await expect(http.post(REQUEST)).rejects.toThrow('fetch failed: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('is not read beyond what SQS can have to say', async () => {
    const chunk = new Uint8Array(1_048_576);
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const { http } = world(async () => new Response(endless));
    await expect(http.post(REQUEST)).rejects.toThrow('the answer is larger than');
    expect(pulled).toBeLessThan(MAX_ANSWER_BYTES + 4 * chunk.length);
  });
});
