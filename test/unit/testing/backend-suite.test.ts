import { describe, expect, it } from 'vitest';
import type { ResultBackend } from '../../../src/backends/backend.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { backendSuite } from '../../../src/testing/backend-suite.ts';

/** The names of the cases a backend fails. */
async function failures(make: () => ResultBackend, cannot = {}): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, run } of backendSuite(() => backendUnderTest(make()), cannot)) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

const backendUnderTest = (backend: ResultBackend) => ({ backend, other: backend });

function altered(change: (backend: ReturnType<typeof createMemoryBackend>) => Partial<ResultBackend>): () => ResultBackend {
  return () => {
    const backend = createMemoryBackend();
    return { ...backend, ...change(backend) };
  };
}

describe('the backend suite', () => {
  it('excuses the cases of a part that is left out, and they fail', async () => {
    const reason = 'it does the least';
    const parts = ['storeMany', 'fetchMany', 'watch', 'groups', 'chords', 'expiry'];
    const cannot = Object.fromEntries(parts.map((part) => [part, reason]));
    const least = (): ResultBackend => {
      const { store, fetch, forget } = createMemoryBackend();
      return { store, fetch, forget };
    };
    const excused = backendSuite(() => backendUnderTest(least()), cannot).filter((one) => one.cannot === reason);
    expect(await failures(least)).toEqual(excused.map(({ name }) => name));
    expect(excused.length).toBeGreaterThan(30);
  });

  it('refuses to excuse what is neither a case nor a part', () => {
    expect(() => backendSuite(() => expect.fail(), { 'flies to the moon': 'no wings' })).toThrow(/flies to the moon/);
    expect(() => backendSuite(() => expect.fail(), { constructor: 'no' })).toThrow(/constructor/);
  });

  it('excuses one case by its name', () => {
    const [first] = backendSuite(() => expect.fail(), { 'gives back what was stored, to any client': 'why' });
    expect(first?.cannot).toBe('why');
  });

  it('closes what it was given when a case fails', async () => {
    let closed = 0;
    const close = async (): Promise<void> => {
      closed += 1;
    };
    const backend = { ...createMemoryBackend(), fetch: async () => undefined };
    await expect(backendSuite(() => ({ backend, other: backend, close }))[0]?.run()).rejects.toThrow('It is gone.');
    expect(closed).toBe(1);
  });

  it('finds a backend that overwrites a SUCCESS', async () => {
    const broken = altered((backend) => ({
      store: async (document) => {
        await backend.forget(document.task_id);
        await backend.store(document);
      },
    }));
    expect(await failures(broken)).toContain('never overwrites a SUCCESS, not with another one either');
  });

  it('finds a backend that counts a part twice', async () => {
    const broken = altered(({ chords }) => ({
      chords: {
        ...chords!,
        count: async (part) => {
          await chords?.count(part);
          return (await chords?.count({ ...part, groupIndex: (part.groupIndex ?? 0) + 1000 })) ?? { state: 'unknown' };
        },
      },
    }));
    expect(await failures(broken)).toContain('counts a part once, however often and by whomever it is told, with whatever result');
  });

  it('finds a backend that never ends a chord', async () => {
    const broken = altered(({ chords }) => ({ chords: { ...chords!, end: async () => {} } }));
    expect(await failures(broken)).toContain('counts no more once a chord has ended, not when it is noted again either');
  });
});
