import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryTransport, type MemoryTransportOptions } from '../../../src/transports/memory.ts';
import type { Delivery, Outgoing } from '../../../src/transports/transport.ts';

const message = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({ queue: 'q', id, body: id, ...more });

function setUp(options: MemoryTransportOptions = {}) {
  const time = { now: 1_000_000 };
  const transport = createMemoryTransport({ clock: { now: () => time.now }, ...options });
  return { time, transport, inbox: transport.inbox, receive: transport.inbox.receive };
}

const first = async (deliveries: Promise<readonly Delivery[]>): Promise<Delivery> => (await deliveries)[0] ?? expect.fail('no message');

describe('looking into a queue', () => {
  it('shows what is ready, delayed and in flight, and changes nothing', async () => {
    const { time, transport, receive } = setUp();
    await transport.send([message('a'), message('b', { delaySeconds: 10, attributes: { n: { type: 'Number', value: '1' } } })]);
    await receive('q', { max: 1 });
    const seen = transport.messages('q');
    expect(seen).toMatchObject([
      { id: 'a', state: 'in-flight', receiveCount: 1, sentAt: 1_000_000, visibleAt: 1_030_000 },
      { id: 'b', state: 'delayed', receiveCount: 0, visibleAt: 1_010_000, attributes: { n: { value: '1' } } },
    ]);
    expect(transport.messages('q')).toEqual(seen);
    time.now = 1_030_000;
    expect(transport.messages('q').map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  it('shows an empty queue that nobody sent to', () => {
    expect(setUp().transport.messages('constructor')).toEqual([]);
  });

  it('refuses a queue that was not declared', () => {
    const { transport } = setUp({ queues: ['q'] });
    expect(transport.messages('q')).toEqual([]);
    expect(() => transport.messages('other')).toThrow(expect.objectContaining({ name: 'QueueNotFound', queue: 'other' }));
  });
});

describe('a message received too often', () => {
  it('goes to the dead-letter queue, keeping its id and its time', async () => {
    const { time, transport, receive } = setUp({ maxReceiveCount: 2, deadLetterQueues: { q: 'dead' }, queues: ['q'] });
    await transport.send([message('poison'), message('fine')]);
    for (const count of [1, 2]) {
      expect((await first(receive('q', { max: 1 }))).receiveCount).toBe(count);
      time.now += 30_000;
    }
    expect((await receive('q')).map(({ body }) => body)).toEqual(['fine']);
    const [sent] = transport.messages('dead');
    expect(sent).toMatchObject({ queue: 'dead', id: 'poison', state: 'ready', sentAt: 1_000_000 });
    expect(await first(receive('dead'))).toMatchObject({ queue: 'dead', messageId: sent?.messageId, sentAt: 1_000_000 });
  });

  it('goes after five receives unless told otherwise, and never without a dead-letter queue', async () => {
    const { time, transport, receive } = setUp({ deadLetterQueues: { q: 'dead' } });
    await transport.send([message('poison'), message('tough', { queue: 'other' })]);
    for (let count = 1; count <= 6; count += 1) {
      expect(await receive('q')).toHaveLength(count <= 5 ? 1 : 0);
      expect(await receive('other')).toHaveLength(1);
      time.now += 30_000;
    }
    expect(transport.messages('dead')).toHaveLength(1);
  });

  it('ends a wait on the dead-letter queue', async () => {
    const { time, transport, receive } = setUp({ maxReceiveCount: 1, deadLetterQueues: { q: 'dead' } });
    await transport.send([message('poison')]);
    await receive('q');
    time.now += 30_000;
    const waiting = receive('dead', { waitSeconds: 20 });
    await receive('q');
    expect(await waiting).toHaveLength(1);
  });
});

describe('a receipt', () => {
  it('no longer opens a message that was received again', async () => {
    const { time, transport, inbox } = setUp();
    await transport.send([message('a')]);
    const old = await first(inbox.receive('q'));
    time.now += 30_000;
    const fresh = await first(inbox.receive('q'));
    await inbox.done(old);
    await expect(inbox.postpone(old, 0)).rejects.toMatchObject({ name: 'OperationalError', retryable: false });
    expect(transport.messages('q')).toHaveLength(1);
    await inbox.done(fresh);
    expect(transport.messages('q')).toEqual([]);
    await inbox.done(fresh);
    await expect(inbox.postpone(fresh, 0)).rejects.toMatchObject({ name: 'OperationalError' });
  });

  it('still acknowledges, but no longer postpones, once the message shows again', async () => {
    const { time, transport, inbox } = setUp({ visibilityTimeoutSeconds: 5 });
    await transport.send([message('a')]);
    const delivery = await first(inbox.receive('q'));
    time.now += 5_000;
    await expect(inbox.postpone(delivery, 10)).rejects.toMatchObject({ name: 'OperationalError' });
    await inbox.done(delivery);
    expect(transport.messages('q')).toEqual([]);
  });
});

describe('a FIFO queue', () => {
  const queue = 'q.fifo';

  it('forgets a deduplication id after five minutes', async () => {
    const { time, transport } = setUp();
    await transport.send([message('a', { queue }), message('b', { queue })]);
    time.now += 299_999;
    await transport.send([message('a', { queue })]);
    expect(transport.messages(queue)).toHaveLength(2);
    time.now += 1;
    await transport.send([message('a', { queue })]);
    expect(transport.messages(queue).map(({ id }) => id)).toEqual(['a', 'b', 'a']);
  });

  it('gives several of a group at once, and then none until all of them are done', async () => {
    const { transport, inbox } = setUp();
    await transport.send(['a', 'b', 'c'].map((id) => message(id, { queue })));
    const [a, b] = await inbox.receive(queue, { max: 2 });
    await inbox.postpone(a ?? expect.fail(), 0);
    expect(await inbox.receive(queue)).toEqual([]);
    await inbox.done(b ?? expect.fail());
    expect((await inbox.receive(queue)).map(({ body }) => body)).toEqual(['a', 'c']);
  });

  it('ends a wait when a message of the group is done', async () => {
    const { transport, inbox } = setUp();
    await transport.send(['a', 'b'].map((id) => message(id, { queue })));
    const a = await first(inbox.receive(queue, { max: 1 }));
    const waiting = inbox.receive(queue, { waitSeconds: 20 });
    await inbox.done(a);
    expect((await waiting).map(({ body }) => body)).toEqual(['b']);
  });
});

describe('waiting', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('takes no time when messages are there', async () => {
    const { transport, receive } = setUp();
    await transport.send([message('a')]);
    expect(await receive('q', { waitSeconds: 20 })).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends without messages when its time is over, whatever the injected clock says', async () => {
    const { transport, receive } = setUp();
    await transport.send([message('far', { delaySeconds: 7 })]);
    const waiting = receive('q', { waitSeconds: 20 });
    await vi.advanceTimersByTimeAsync(19_999);
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiting).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends when a delayed message is due', async () => {
    const transport = createMemoryTransport();
    await transport.send([message('late', { delaySeconds: 9 }), message('soon', { delaySeconds: 3 })]);
    const waiting = transport.inbox.receive('q', { waitSeconds: 20 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await waiting).map(({ body }) => body)).toEqual(['soon']);
  });

  it('goes by a clock that can sleep', async () => {
    const time = { now: 0 };
    const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
    const clock = {
      now: () => time.now,
      sleep: (ms: number) => new Promise<void>((wake) => void sleepers.push({ until: time.now + ms, wake })),
    };
    const transport = createMemoryTransport({ clock });
    await transport.send([message('due', { delaySeconds: 600 })]);
    const waits = [transport.inbox.receive('q', { waitSeconds: 900 }), transport.inbox.receive('empty', { waitSeconds: 900 })];
    const advance = (ms: number) => {
      time.now = ms;
      for (const { until, wake } of sleepers) if (until <= ms) wake();
    };
    advance(600_000);
    expect((await waits[0])?.map(({ body }) => body)).toEqual(['due']);
    advance(900_000);
    expect(await waits[1]).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives a message to one of two who wait', async () => {
    const { transport, receive } = setUp();
    const waiting = [receive('q', { waitSeconds: 20 }), receive('q', { waitSeconds: 20 })];
    await transport.send([message('a')]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect((await Promise.all(waiting)).map(({ length }) => length).sort()).toEqual([0, 1]);
  });

  it('leaves no listener on the signal', async () => {
    const { transport, receive } = setUp();
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const waiting = receive('q', { waitSeconds: 20, signal });
    await transport.send([message('a')]);
    expect(await waiting).toHaveLength(1);
    expect(removed).toHaveBeenCalledOnce();
  });
});
