/** Runs the example of docs/dead-letters.md. */

import { createMemoryTransport } from 'celeriac/transports/memory';
import { sealEnvelope } from 'celeriac/wire';
import { expect, it } from 'vitest';
import { letters, look, sendBack, throwAway } from '../../docs/examples/dead-letters.ts';
import { app } from '../../docs/examples/tasks.ts';

const DEAD = 'celery-dead-letter';
const DAY_MS = 86_400_000;

const bodyOf = (task: string, id: string): string =>
  sealEnvelope({ body: 'x', 'content-type': 'application/x-yaml', 'content-encoding': 'utf-8', headers: { task, id }, properties: {} });

it('dead letters are looked at, sent back, and thrown away', async () => {
  let nowMs = Date.now() - 2 * DAY_MS;
  const transport = createMemoryTransport({ clock: { now: () => nowMs, sleep: async () => {} } });
  app.connect({ transport, clock: { now: () => nowMs } });
  const bury = (code: string, body: string) =>
    transport.send([{ queue: DEAD, id: code, body, attributes: { 'celeriac.code': { type: 'String', value: code } } }]);
  await bury('content-disallowed', bodyOf('shop.resize', '1'));
  await bury('content-disallowed', bodyOf('other', '2'));
  await bury('not-json', 'old');
  nowMs = Date.now();
  await bury('not-json', 'new');

  expect(await look()).toEqual([
    'content-disallowed shop.resize 1: content-disallowed',
    'content-disallowed other 2: content-disallowed',
    'not-json undefined undefined: not-json',
    'not-json undefined undefined: not-json',
  ]);
  expect(await sendBack()).toBe('1 sent back, 3 left, 0 failed');
  expect(transport.messages('celery').map(({ id }) => id)).toEqual(['1']);
  expect(await throwAway()).toBe(1);
  expect(transport.messages(DEAD).map(({ body }) => body)).toEqual([bodyOf('other', '2'), 'new']);
  await expect(letters.purge({})).rejects.toThrow('all: true');
});
