import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/app/connection.ts';
import { countHop, type Departure, deliver } from '../../../src/app/deliver.ts';
import { HOPS_ATTRIBUTE, MAX_HOPS } from '../../../src/app/hops.ts';
import { EncodeError, OperationalError } from '../../../src/errors.ts';
import { createMemoryScheduler } from '../../../src/schedulers/memory.ts';
import { scheduleName } from '../../../src/schedulers/schedule-name.ts';
import type { Scheduler } from '../../../src/schedulers/scheduler.ts';
import type { Outgoing } from '../../../src/transports/transport.ts';
import { createFakeClock, NOON } from '../../support/fake-clock.ts';
import { accepted, createRecordingTransport, throttled } from '../../support/recording.ts';

const outgoing: Outgoing = { queue: 'celery', id: 'i', body: 'text' };
const SECOND = 1000;
const DAY = 86_400 * SECOND;
const leaving = (waitMs: number | undefined, more: Partial<Outgoing> = {}): Departure => ({
  outgoing: { ...outgoing, ...more },
  etaMs: waitMs === undefined ? undefined : NOON + waitMs,
  task: 't',
  taskId: 'i',
  retries: 0,
});

function setUp(scheduler?: Partial<Scheduler> | 'memory', answer = accepted as Parameters<typeof createRecordingTransport>[0]) {
  const transport = createRecordingTransport(answer);
  const clock = createFakeClock(NOON, { autoAdvance: true });
  const memory = createMemoryScheduler({ transport, clock });
  const connected = connect({
    transport,
    clock,
    scheduler: scheduler === undefined ? undefined : scheduler === 'memory' ? memory : { ...memory, ...scheduler },
  });
  return { connected, transport, waits: memory.waits };
}

describe('a message without a scheduler', () => {
  it.each([
    [undefined, undefined],
    [-1, undefined],
    [0, undefined],
    [1, 1],
    [899 * SECOND, 899],
    [900 * SECOND, 900],
    [901 * SECOND, 900],
    [365 * DAY, 900],
  ])('that waits %s ms is sent with a delay of %s s', async (waitMs, delaySeconds) => {
    const { connected, transport } = setUp();
    expect(await deliver(leaving(waitMs), undefined, connected)).toEqual({ ok: true, messageId: 'm-i' });
    expect(transport.sent).toEqual([{ ...outgoing, ...(delaySeconds !== undefined && { delaySeconds }) }]);
  });

  it('for a FIFO queue is sent at once, and waits where it arrives', async () => {
    const { connected, transport } = setUp();
    await deliver(leaving(100 * SECOND, { queue: 'q.fifo' }), undefined, connected);
    expect(transport.sent[0]).not.toHaveProperty('delaySeconds');
  });

  it('is tried again as the policy says', async () => {
    const { connected, transport } = setUp(undefined, (message, call) => (call < 3 ? throttled() : accepted(message)));
    expect(await deliver(leaving(undefined), {}, connected)).toMatchObject({ ok: true });
    expect(transport.calls()).toBe(3);
    const once = setUp(undefined, throttled);
    expect(await deliver(leaving(undefined), undefined, once.connected)).toMatchObject({ ok: false });
    expect(once.transport.calls()).toBe(1);
  });
});

describe('a message with a scheduler', () => {
  it('that waits long is scheduled under a name of its own, a little early, and not sent', async () => {
    const { connected, transport, waits } = setUp('memory');
    const name = scheduleName('i', 0, NOON + DAY);
    expect(await deliver(leaving(DAY, { ownName: true }), undefined, connected)).toEqual({ ok: true, messageId: name });
    expect(transport.sent).toEqual([]);
    expect([...waits.values()]).toEqual([{ name, atMs: NOON + DAY - 75 * SECOND, queue: 'celery', body: 'text', ownName: true }]);
    await deliver(leaving(DAY), undefined, connected);
    expect(waits.size).toBe(1);
  });

  it('that waits up to 900 s is sent', async () => {
    const { connected, transport } = setUp('memory');
    await deliver(leaving(900 * SECOND), undefined, connected);
    expect(transport.sent).toMatchObject([{ delaySeconds: 900 }]);
  });

  it.each<[string, Partial<Outgoing>]>([
    ['attributes', { attributes: { own: { type: 'String', value: 'x' } } }],
    ['a group', { messageGroupId: 'acme' }],
    ['a body too long', { body: 'ü'.repeat(200_000) }],
  ])('goes by hops with %s, which a schedule does not carry', async (_what, more) => {
    const { connected, transport, waits } = setUp('memory');
    await deliver(leaving(DAY, more), undefined, connected);
    expect(waits.size).toBe(0);
    expect(transport.sent).toMatchObject([{ ...more, delaySeconds: 900 }]);
  });

  it('is scheduled without its trace, which is no part of the task', async () => {
    const { connected, waits } = setUp('memory');
    await deliver(leaving(DAY, { traceHeader: 'Root=1' }), undefined, connected);
    expect(waits.size).toBe(1);
  });

  it('is scheduled though hops are counted on it', async () => {
    const { connected, waits } = setUp('memory');
    await deliver(leaving(DAY, { attributes: { [HOPS_ATTRIBUTE]: { type: 'Number', value: '3' } } }), undefined, connected);
    expect(waits.size).toBe(1);
  });

  it('goes by hops when nothing was scheduled for certain', async () => {
    for (const error of [new OperationalError('no', { retryable: false }), new EncodeError('no')]) {
      const { connected, transport } = setUp({ schedule: () => Promise.reject(error) });
      expect(await deliver(leaving(DAY), undefined, connected)).toMatchObject({ ok: true });
      expect(transport.sent).toMatchObject([{ delaySeconds: 900 }]);
    }
  });

  it('is neither sent nor accepted when it is not known what became of the request, or it would wait twice', async () => {
    const error = new OperationalError('lost', { retryable: true });
    const { connected, transport } = setUp({ schedule: () => Promise.reject(error) });
    expect(await deliver(leaving(DAY), {}, connected)).toEqual({ ok: false, error });
    expect(transport.sent).toEqual([]);
  });

  it('rejects for what is no error of ours', async () => {
    const { connected } = setUp({ schedule: () => Promise.reject(new TypeError('bug')) });
    await expect(deliver(leaving(DAY), {}, connected)).rejects.toThrow('bug');
  });
});

describe('a message that is sent on', () => {
  it('counts its hops beside what it has', () => {
    const own = { own: { type: 'String', value: 'x' } } as const;
    const first = countHop({ ...outgoing, attributes: own }) as Outgoing;
    expect(first).toEqual({ ...outgoing, attributes: { ...own, [HOPS_ATTRIBUTE]: { type: 'Number', value: '1' } } });
    expect(countHop(first)).toMatchObject({ attributes: { [HOPS_ATTRIBUTE]: { value: '2' } } });
  });

  it('ends with the reason at the limit', () => {
    const attributes = { [HOPS_ATTRIBUTE]: { type: 'Number', value: String(MAX_HOPS) } } as const;
    expect(countHop({ ...outgoing, attributes })).toEqual({ reason: expect.stringContaining(`sent on ${MAX_HOPS} times`) });
  });
});
