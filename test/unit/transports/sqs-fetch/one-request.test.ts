import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SqsTransport } from '../../../../src/transports/sqs/late.ts';
import { ofOneRequest } from '../../../../src/transports/sqs-fetch/one-request.ts';

/** A signal that may be looked at in the request that made it alone. */
function requests() {
  let current = 1;
  vi.stubGlobal('WebSocketPair', class {});
  vi.stubGlobal(
    'AbortController',
    class {
      signal = new (class {
        #made = current;
        get aborted() {
          if (this.#made !== current) throw new Error('Cannot perform I/O on behalf of a different request.');
          return false;
        }
      })();
    },
  );
  return { next: () => (current += 1) };
}

const transport = (): SqsTransport => ({ send: vi.fn(async () => []), close: vi.fn(async () => {}) }) as unknown as SqsTransport;

afterEach(() => vi.unstubAllGlobals());

describe('a transport', () => {
  it('is as it was where requests are not kept apart', () => {
    const given = transport();
    expect(ofOneRequest(given)).toBe(given);
  });

  it('is the first request’s in a Worker, however often that sends', async () => {
    requests();
    const given = transport();
    const held = ofOneRequest(given);
    await expect(held.send([])).resolves.toEqual([]);
    await expect(held.send([])).resolves.toEqual([]);
    expect(given.send).toHaveBeenCalledTimes(2);
  });

  it('sends nothing for a second request there, and says what to do', async () => {
    const { next } = requests();
    const given = transport();
    const held = ofOneRequest(given);
    await held.send([]);
    next();
    await expect(held.send([])).rejects.toMatchObject({ name: 'ImproperlyConfigured', message: expect.stringContaining('create it') });
    expect(given.send).toHaveBeenCalledTimes(1);
  });

  it('belongs to whoever sends with it first, not to whoever made it', async () => {
    const { next } = requests();
    const held = ofOneRequest(transport());
    next();
    await expect(held.send([])).resolves.toEqual([]);
  });
});
