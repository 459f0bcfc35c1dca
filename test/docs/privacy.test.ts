/** Runs the examples of docs/privacy.md. */

import { randomBytes } from 'node:crypto';
import { createMemoryBackend } from 'celeriac/backends/memory';
import { createEagerTransport } from 'celeriac/testing';
import { createMemoryTransport } from 'celeriac/transports/memory';
import { createCodecs, openEnvelope, readMessage } from 'celeriac/wire';
import { describe, expect, it } from 'vitest';
import { createVault, quiet, sealedJson } from '../../docs/examples/privacy.ts';

describe('a sealed body', () => {
  it('is read with its key, and with no other', async () => {
    const key = randomBytes(32);
    const vault = createVault(key);
    const backend = createMemoryBackend();
    const open = vault.task('open', (secret: string) => secret.length);
    vault.connect({ transport: createEagerTransport(vault), backend });
    expect(await (await open.delay('hunter2')).get()).toBe(7);

    const transport = createMemoryTransport();
    vault.connect({ transport });
    await open.delay('hunter2');
    const { body } = transport.messages('celery')[0]!;
    const envelope = openEnvelope(body);
    expect([envelope['content-type'], envelope.headers['argsrepr']]).toEqual(['application/x-sealed-json', '(<str of 7>,)']);
    expect(Buffer.from(String(envelope.body), 'base64').toString()).not.toContain('hunter2');
    const reader = (other: Buffer) => ({ codecs: createCodecs({ codecs: [sealedJson(other)], acceptContent: ['sealed'] }) });
    expect(readMessage(body, reader(key)).args).toEqual(['hunter2']);
    expect(() => readMessage(body, reader(randomBytes(32)))).toThrow('could not decode the body');
  });
});

it('settings are as the page has them', () => {
  expect(quiet.settings).toMatchObject({ taskArgsrepr: 'types', resultTracebacks: false, resultErrorLength: 2000 });
});
