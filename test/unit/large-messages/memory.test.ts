import { describe, expect, it } from 'vitest';
import { createMemoryLargeMessages } from '../../../src/large-messages/memory.ts';
import { digestOf } from '../../../src/large-messages/name.ts';

const payload = Buffer.from('body');
const name = { taskId: 'i', sha256: digestOf(payload) };

describe('large messages in memory', () => {
  it('are kept as they were when they were put', async () => {
    const store = createMemoryLargeMessages();
    const given = Uint8Array.from(payload);
    await store.put(name, given);
    given[0] = 0;
    const got = await store.get(name);
    expect(got).toEqual(Uint8Array.from(payload));
    got![0] = 0;
    expect(await store.get(name)).toEqual(Uint8Array.from(payload));
    expect([...store.payloads.keys()]).toEqual([`i/${name.sha256}`]);
  });

  it('are undefined when there is none', async () => {
    const store = createMemoryLargeMessages();
    await store.put(name, payload);
    expect(await store.get({ ...name, taskId: 'j' })).toBeUndefined();
    expect(await store.get({ ...name, sha256: digestOf(Buffer.from('other')) })).toBeUndefined();
  });

  it('are not given above maxBytes', async () => {
    const store = createMemoryLargeMessages({ maxBytes: 3 });
    await store.put(name, payload);
    await expect(store.get(name)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('tell their sizes', () => {
    expect(createMemoryLargeMessages({ thresholdBytes: 9, maxBytes: 10 })).toMatchObject({ thresholdBytes: 9, maxBytes: 10 });
    expect(createMemoryLargeMessages()).toMatchObject({ maxBytes: 8_388_608 });
    expect(createMemoryLargeMessages()).not.toHaveProperty('thresholdBytes');
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10' as never])('take no size of %s', (size) => {
    for (const option of ['thresholdBytes', 'maxBytes']) {
      expect(() => createMemoryLargeMessages({ [option]: size })).toThrow(new RegExp(`${option} of createMemoryLargeMessages`));
    }
  });
});
