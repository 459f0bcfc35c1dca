import { afterEach, expect, it } from 'vitest';
import { PAYLOAD_BYTES } from '../../../src/local/invocation.ts';
import { type RuntimeApi, startRuntimeApi } from '../../../src/local/runtime-api.ts';

const started: RuntimeApi[] = [];

const start = async (): Promise<RuntimeApi> => {
  const api = await startRuntimeApi();
  started.push(api);
  return api;
};

afterEach(() => {
  for (const api of started.splice(0)) api.close();
});

const invocation = (requestId: string) => ({ requestId, payload: '{"n":1}', deadlineMs: 1_700_000_000_000, functionArn: 'arn:f' });

const urlOf = (api: RuntimeApi, path: string): string => `http://${api.address}/2018-06-01/runtime/${path}`;

const post = (api: RuntimeApi, path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(urlOf(api, path), { method: 'POST', body, headers });

it('hands the invocation to a runtime that asked before it', async () => {
  const api = await start();
  const next = fetch(urlOf(api, 'invocation/next'));
  await expect(api.initialised).resolves.toEqual({ ok: true, payload: '' });
  const answer = api.run(invocation('6f1b6a3e-0000-4000-8000-0123456789ab'));
  const response = await next;
  expect(await response.text()).toBe('{"n":1}');
  expect(response.headers.get('lambda-runtime-aws-request-id')).toBe('6f1b6a3e-0000-4000-8000-0123456789ab');
  expect(response.headers.get('lambda-runtime-deadline-ms')).toBe('1700000000000');
  expect(response.headers.get('lambda-runtime-invoked-function-arn')).toBe('arn:f');
  expect(response.headers.get('lambda-runtime-trace-id')).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
  expect((await post(api, 'invocation/6f1b6a3e-0000-4000-8000-0123456789ab/response', '"done"')).status).toBe(202);
  await expect(answer).resolves.toEqual({ ok: true, payload: '"done"' });
});

it('hands the invocation to a runtime that asks after it', async () => {
  const api = await start();
  const answer = api.run(invocation('r1'));
  await fetch(urlOf(api, 'invocation/next'));
  await post(api, 'invocation/r1/error', '{"errorType":"TypeError","errorMessage":"no"}');
  await expect(answer).resolves.toEqual({ ok: false, errorType: 'TypeError', message: 'no' });
});

it('refuses an answer to an invocation that is not running', async () => {
  const api = await start();
  expect((await post(api, 'invocation/r1/response', '1')).status).toBe(400);
  const answer = api.run(invocation('r2'));
  expect((await post(api, 'invocation/r1/response', '1')).status).toBe(400);
  expect((await post(api, 'invocation/r2/response', '2')).status).toBe(202);
  expect((await post(api, 'invocation/r2/response', '3')).status).toBe(400);
  await expect(answer).resolves.toEqual({ ok: true, payload: '2' });
});

it('turns an answer over 6 MB into a failure', async () => {
  const api = await start();
  const answer = api.run(invocation('r1'));
  expect((await post(api, 'invocation/r1/response', `"${'x'.repeat(PAYLOAD_BYTES)}"`)).status).toBe(413);
  await expect(answer).resolves.toMatchObject({ ok: false, errorType: 'Function.ResponseSizeTooLarge' });
});

it.each([
  [
    'its body',
    '{"errorType":"Runtime.HandlerNotFound","errorMessage":"gone"}',
    {},
    { errorType: 'Runtime.HandlerNotFound', message: 'gone' },
  ],
  [
    'its header',
    '{"errorMessage":"gone"}',
    { 'Lambda-Runtime-Function-Error-Type': 'Runtime.X' },
    { errorType: 'Runtime.X', message: 'gone' },
  ],
  ['neither', 'not JSON', {}, { errorType: 'Error', message: 'not JSON' }],
  ['a body of null', 'null', {}, { errorType: 'Error', message: 'null' }],
])('an init error is named by %s', async (_, body, headers, expected) => {
  const api = await start();
  expect((await post(api, 'init/error', body, headers)).status).toBe(202);
  await expect(api.initialised).resolves.toEqual({ ok: false, ...expected });
});

it('knows no other paths', async () => {
  const api = await start();
  expect((await fetch(urlOf(api, 'invocation/next'), { method: 'POST' })).status).toBe(404);
  expect((await fetch(urlOf(api, 'restore/next'))).status).toBe(404);
});
