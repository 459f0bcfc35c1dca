/** What Python sends and we must not run: each ends in the dead-letter queue, under its code and unchanged. */

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Case } from '../case.ts';
import type { World } from '../world.ts';

export function refusals({ python, dead, runs, stored }: World): readonly Case[] {
  const isQuarantined = (name: string, text: string, code: string): Case => ({
    name: `${name} is quarantined as ${code}`,
    run: async () => {
      const id = await python.send(text);
      const grave = await dead.of(id);
      equal(grave.code, code);
      equal(runs.get(id), undefined);
    },
  });
  return [
    isQuarantined('pickle', 'inspect.apply_async((1,), serializer="pickle")', 'content-disallowed'),
    isQuarantined('yaml', 'inspect.apply_async((1,), serializer="yaml")', 'content-disallowed'),
    isQuarantined('msgpack without its codec', 'inspect.apply_async((1,), serializer="msgpack")', 'content-disallowed'),
    isQuarantined('bzip2', 'inspect.apply_async((1,), compression="bzip2")', 'unknown-compression'),
    isQuarantined('lzma', 'inspect.apply_async((1,), compression="lzma")', 'unknown-compression'),
    isQuarantined('a type tag of one’s own', 'inspect.delay({"__type__": "money", "__value__": 1})', 'unknown-type-tag'),
    {
      name: 'a name nobody registered comes back, is stored as NotRegistered and moved by SQS',
      run: async () => {
        const id = await python.send('app.send_task("live.unknown", (1,), queue="ts-shaky")');
        equal((await stored(id)).status, 'FAILURE');
        const { type, module, args } = await python.value<Record<string, unknown>>(`error(${JSON.stringify(id)})`);
        deepEqual({ type, module, args }, { type: 'NotRegistered', module: 'celery.exceptions', args: ['live.unknown'] });
        const grave = await dead.of(id);
        equal(grave.code, undefined);
        ok(grave.body.length > 0);
      },
    },
  ];
}
