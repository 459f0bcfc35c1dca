import { describe, expect, it } from 'vitest';
import { createOutbox, type OutboxOptions, type Parcel } from '../../../../src/transports/sqs/outbox.ts';
import type { Receipt } from '../../../../src/transports/transport.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An outbox whose requests end when told to, and what was sent and settled so far. */
function setUp(options: OutboxOptions = {}) {
  const clock = createFakeClock();
  const requests: { url: string; ids: string[]; end: (refused?: readonly string[]) => void }[] = [];
  const settled: string[] = [];
  const refusal: Receipt = { ok: false, error: new Error('refused') as never };
  const outbox = createOutbox(
    (url, batch) =>
      new Promise((resolve) => {
        const ids = batch.map(({ message }) => message.id);
        const end = (refused: readonly string[] = []): void =>
          resolve(ids.map((id) => (refused.includes(id) ? refusal : { ok: true, messageId: id })));
        requests.push({ url, ids, end });
      }),
    { holdsBack: ({ ok }) => !ok, groupOf: ({ messageGroupId = '' }) => messageGroupId, heldBack: () => refusal },
    options,
    clock,
  );
  const put = (ids: string, { url = 'q', group = '', bytes = 1 } = {}): void => {
    for (const id of ids) {
      const settle = ({ ok }: Receipt): void => void settled.push(ok ? id : `not ${id}`);
      const parcel: Parcel = { message: { queue: url, id, body: id, messageGroupId: group }, bytes, settle };
      outbox.put(url, parcel);
    }
  };
  const ids = () => requests.map((request) => request.ids.join(''));
  return { clock, outbox, put, requests, ids, settled };
}

describe('what is put in the outbox in one turn', () => {
  it('goes at its end, ten to a request, and each is settled when its own request has ended', async () => {
    const { put, requests, ids, settled } = setUp();
    put('abcdefg');
    await Promise.resolve();
    put('hijkl');
    expect(requests).toEqual([]);
    await turn();
    expect(ids()).toEqual(['abcdefghij', 'kl']);
    requests[1]!.end();
    await turn();
    expect(settled).toEqual(['k', 'l']);
  });

  it('goes at once when it comes alone, whatever the linger', async () => {
    const { put, ids } = setUp({ lingerMs: 5 });
    put('a');
    await turn();
    expect(ids()).toEqual(['a']);
  });
});

describe('with a linger', () => {
  it('what comes soon after a request is gathered until the linger is over', async () => {
    const { clock, put, ids } = setUp({ lingerMs: 5 });
    put('a');
    await turn();
    for (const id of 'bcd') {
      put(id);
      await turn();
      await clock.advance(1);
    }
    expect(ids()).toEqual(['a']);
    await clock.advance(2);
    await turn();
    expect(ids()).toEqual(['a', 'bcd']);
  });

  it('a request that is full does not wait', async () => {
    const { put, ids } = setUp({ lingerMs: 5 });
    put('a');
    await turn();
    put('bcdefghijkl');
    await turn();
    expect(ids()).toEqual(['a', 'bcdefghijk']);
  });

  it('another queue does not wait', async () => {
    const { put, ids } = setUp({ lingerMs: 5 });
    put('a');
    await turn();
    put('b', { url: 'r' });
    await turn();
    expect(ids()).toEqual(['a', 'b']);
  });

  it('flushing sends what lingers, and resolves when it has been answered', async () => {
    const { outbox, put, requests, ids, settled } = setUp({ lingerMs: 5 });
    put('a');
    await turn();
    put('b');
    const flushed = outbox.flush().then(() => settled.push('flushed'));
    await turn();
    expect(ids()).toEqual(['a', 'b']);
    for (const { end } of requests) end();
    await flushed;
    expect(settled).toEqual(['a', 'b', 'flushed']);
  });
});

describe('requests under way', () => {
  it('are so many and no more, and queues take turns', async () => {
    const { put, requests, ids } = setUp({ maxInFlight: 2 });
    put('abcdefghijklmnopqrstuvwxyz');
    put('1', { url: 'r' });
    await turn();
    expect(ids()).toEqual(['abcdefghij', '1']);
    put('2', { url: 'r' });
    requests[0]!.end();
    await turn();
    requests[1]!.end();
    await turn();
    expect(ids().slice(2)).toEqual(['klmnopqrst', '2']);
  });

  it('to a FIFO queue are one, and other queues do not wait for it', async () => {
    const { put, requests, ids } = setUp();
    put('abcdefghijkl', { url: 'q.fifo' });
    put('1', { url: 'r' });
    await turn();
    expect(ids()).toEqual(['abcdefghij', '1']);
    requests[0]!.end();
    await turn();
    await turn();
    expect(ids()).toEqual(['abcdefghij', '1', 'kl']);
  });
});

describe('on a FIFO queue', () => {
  it('what waits behind a message that has to be sent again is held back, in its group alone', async () => {
    const { put, requests, ids, settled } = setUp();
    put('abcdefghij', { url: 'q.fifo', group: 'one' });
    await turn();
    put('k', { url: 'q.fifo', group: 'one' });
    put('l', { url: 'q.fifo', group: 'two' });
    requests[0]!.end(['j']);
    await turn();
    expect(settled.slice(-2)).toEqual(['i', 'not j']);
    expect(settled).toContain('not k');
    expect(ids()).toEqual(['abcdefghij', 'l']);
  });
});

describe('a large backlog', () => {
  it('is sent whole and in order', async () => {
    const { put, requests, settled } = setUp({ maxInFlight: 1 });
    const backlog = Array.from({ length: 12_345 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join('');
    put(backlog);
    for (let ended = 0; settled.length < 12_345; ended++) {
      await turn();
      requests[ended]!.end();
      await turn();
    }
    expect(settled.join('')).toBe(backlog);
  });
});

describe('flushing', () => {
  it('resolves at once when nothing waits', async () => {
    await setUp().outbox.flush();
  });
});

describe('options', () => {
  it.each<[OutboxOptions, string]>([
    [{ lingerMs: -1 }, 'lingerMs is -1; expected milliseconds from 0 to 1000.'],
    [{ lingerMs: Number.NaN }, 'lingerMs is NaN; expected milliseconds from 0 to 1000.'],
    [{ maxInFlight: 0 }, 'maxInFlight is 0; expected an integer above 0.'],
  ])('are refused: %o', (options, message) => {
    expect(() => setUp(options)).toThrow(message);
  });
});
