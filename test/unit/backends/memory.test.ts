import { describe, expect, it } from 'vitest';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import type { ResultDocument } from '../../../src/wire/result.ts';
import { PyDateTime } from '../../../src/wire/values.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const document = (status: string, result: unknown): ResultDocument => ({
  status,
  result,
  traceback: null,
  children: [],
  date_done: null,
  task_id: 't',
});

describe('the memory backend', () => {
  it('gives back what was stored as it would come out of any other store', async () => {
    const backend = createMemoryBackend();
    await backend.store(document('SUCCESS', { at: new Date(0), gone: undefined }));
    const { result } = (await backend.fetch('t'))!;
    expect(result).toEqual({ at: expect.any(PyDateTime) });
  });

  it('never overwrites a SUCCESS, and overwrites everything else', async () => {
    const backend = createMemoryBackend();
    for (const status of ['STARTED', 'FAILURE', 'SUCCESS', 'FAILURE', 'STARTED']) await backend.store(document(status, 1));
    expect((await backend.fetch('t'))?.status).toBe('SUCCESS');
  });

  it('knows nothing of ids never stored or forgotten', async () => {
    const backend = createMemoryBackend();
    await backend.store(document('SUCCESS', 1));
    await backend.forget('t');
    expect(await backend.fetch('t')).toBeUndefined();
    expect(await backend.fetch('constructor')).toBeUndefined();
    expect(backend.documents().size).toBe(0);
  });

  it('forgets what has expired when it is asked to clean up, and what is asked for by then anyway', async () => {
    const clock = createFakeClock();
    const backend = createMemoryBackend({ clock });
    await backend.store(document('SUCCESS', 1), { expiresSeconds: 1 });
    await backend.groups?.save('g', [['g', null], []], { expiresSeconds: 1 });
    await backend.chords?.begin({ groupId: 'g', size: 1, header: [['g', null], []], expiresSeconds: 1 });
    await backend.cleanup?.();
    expect([await backend.fetch('t'), await backend.groups?.restore('g')]).not.toContain(undefined);
    await clock.advance(1000);
    expect(backend.documents().size).toBe(0);
    expect([await backend.fetch('t'), await backend.groups?.restore('g')]).toEqual([undefined, undefined]);
    await backend.cleanup?.();
    await backend.store(document('FAILURE', 1));
    expect((await backend.fetch('t'))?.status).toBe('FAILURE');
  });

  it('keeps for ever what nobody gave an expiry', async () => {
    const clock = createFakeClock();
    const backend = createMemoryBackend({ clock });
    await backend.store(document('SUCCESS', 1));
    await clock.advance(1e12);
    expect(await backend.fetch('t')).toBeDefined();
  });

  it('joins the parts that a chord grew by after its own, and nothing for one it does not know', async () => {
    const { chords } = createMemoryBackend();
    const forever = { groupId: 'g', expiresSeconds: null };
    const part = { ...forever, groupIndex: 0, state: 'SUCCESS', size: undefined };
    await chords?.begin({ ...forever, size: 1, header: [['g', null], [[['a', null], null]]] });
    await chords?.grow?.('g', [['b', null], null]);
    await chords?.grow?.('unknown', [['b', null], null]);
    await chords?.count({ ...part, taskId: 'b', result: 'grown' });
    await chords?.count({ ...part, taskId: 'a', result: 'own' });
    expect(await chords?.join(forever)).toEqual({ ok: true, results: ['own', 'grown'] });
    expect(await chords?.join({ ...forever, groupId: 'unknown' })).toEqual({ ok: true, results: [] });
  });
});
