/** What is too large for the queue goes by a store that Python does not know: its worker refuses the message, and runs nothing in its place. */

import { deepEqual, equal, ok } from 'node:assert/strict';
import { createApp } from '../../../../src/index.ts';
import { createMemoryLargeMessages } from '../../../../src/large-messages/memory.ts';
import { createSqsTransport } from '../../../../src/transports/sqs/index.ts';
import type { WriteOptions } from '../../../../src/wire/index.ts';
import type { Case } from '../case.ts';
import type { World } from '../world.ts';

const FORMS: readonly (readonly [name: string, settings: Pick<WriteOptions, 'taskProtocol'> & { readonly taskCompression?: string }])[] = [
  ['a large message', {}],
  ['a large message that is compressed', { taskCompression: 'zlib' }],
  ['a large message of protocol 1', { taskProtocol: 1 }],
];

export function largeMessages(world: World): readonly Case[] {
  return FORMS.map(([name, settings]) => ({
    name: `${name} is refused and discarded, and the worker goes on`,
    run: async () => {
      const { endpoint, region, credentials } = world.sqs;
      const transport = createSqsTransport({ endpoint, region, credentials });
      const store = createMemoryLargeMessages({ thresholdBytes: 3000 });
      const app = createApp('interop-large', { ...settings, taskDefaultQueue: 'py', transport, largeMessages: store });
      try {
        const large = await app.sendTask('py.inspect', [Array.from({ length: 200 }, () => crypto.randomUUID())]);
        equal(store.payloads.size, 1);
        const after = await app.sendTask('py.inspect', ['after']);
        await world.seen('the task after it', ({ id }) => id === after.id);
        await world.drained('py');
        const seen = await world.allSeen();
        deepEqual(
          seen.filter(({ id }) => id === large.id),
          [],
        );
        ok(!seen.some((one) => JSON.stringify(one).includes('too large for the queue')));
      } finally {
        await transport.close();
      }
    },
  }));
}
