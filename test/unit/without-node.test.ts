/** What sending does where there is no Node: no Buffer, and nobody to ask for Node's modules. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CurrentRun, currentRun, currentTask } from '../../src/app/current.ts';
import { createApp } from '../../src/index.ts';
import { neededCrypto, nodeCrypto, sha256 } from '../../src/node-crypto.ts';
import { deduplicationId, refusal } from '../../src/transports/limits.ts';
import { createMemoryTransport } from '../../src/transports/memory.ts';
import { byteLength, messageBytes } from '../../src/transports/message-bytes.ts';
import type { Outgoing } from '../../src/transports/transport.ts';

const TEXTS = ['', 'plain', 'aü漢🐇', `half ${'🐇'.charAt(0)}`, 'ü'.repeat(5000)];
const fifo: Outgoing = { queue: 'celery.fifo', id: 'order ü', body: 'body' };
const check = (message: Outgoing) => refusal(message, messageBytes(message));

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('with Node', () => {
  it("has Node's crypto", () => {
    expect(nodeCrypto()).toBe(neededCrypto('A test'));
    expect(sha256('celery', 'A test').digest('hex')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('makes a deduplication id of any task id', () => {
    expect(check(fifo)).toBeUndefined();
    expect(deduplicationId(fifo)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('without Node', () => {
  beforeEach(() => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
  });

  it('counts the bytes of a text as Node does', () => {
    const withBuffer = TEXTS.map(byteLength);
    vi.stubGlobal('Buffer', undefined);
    const without = TEXTS.map(byteLength);
    vi.unstubAllGlobals();
    expect(without).toEqual(withBuffer);
  });

  it('says what takes a crypto that is not there', () => {
    expect(nodeCrypto()).toBeUndefined();
    expect(() => sha256('celery', 'Signing')).toThrow(/^Signing takes node:crypto, .*nodejs_compat/);
  });

  it('refuses the task id that no deduplication id can be made of, on FIFO queues alone', () => {
    expect(check(fifo)).toMatchObject({ name: 'EncodeError', path: 'messageDeduplicationId' });
    expect(check({ ...fifo, queue: 'celery' })).toBeUndefined();
    expect(check({ ...fifo, id: 'order-1' })).toBeUndefined();
    expect(check({ ...fifo, messageDeduplicationId: 'order-1' })).toBeUndefined();
  });

  it('publishes', async () => {
    const transport = createMemoryTransport();
    const app = createApp('shop', { transport });
    const [standard, ordered] = [await app.sendTask('tasks.add', [1, 'ü']), await app.sendTask('tasks.add', [2], { queue: 'a.fifo' })];
    expect(transport.messages('celery').map(({ id }) => id)).toEqual([standard.id]);
    expect(transport.messages('a.fifo').map(({ id }) => id)).toEqual([ordered.id]);
    await expect(app.sendTask('tasks.add', [], { queue: 'a.fifo', taskId: 'order ü' })).rejects.toThrow(/messageDeduplicationId/);
  });

  it('is within no run, and refuses to begin one', async () => {
    const { runWithin } = await import('../../src/app/current.ts');
    expect([currentRun(), currentTask()]).toEqual([undefined, undefined]);
    expect(() => runWithin({} as CurrentRun, () => 1)).toThrow(/AsyncLocalStorage/);
  });
});
