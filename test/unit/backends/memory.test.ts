import { describe, expect, it } from 'vitest';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import type { ResultDocument } from '../../../src/wire/result.ts';
import { PyDateTime } from '../../../src/wire/values.ts';

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
});
