import { describe, expect, it } from 'vitest';
import { sendWithRetry } from '../../../src/app/publish-retry.ts';
import type { Outgoing, Receipt } from '../../../src/transports/transport.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { accepted, createRecordingTransport, refused, throttled } from '../../support/recording.ts';

const messages = (...ids: string[]): Outgoing[] => ids.map((id) => ({ id, queue: 'celery', body: id }));

function send(answer: (message: Outgoing, call: number) => Receipt, ids: string[], policy: Parameters<typeof sendWithRetry>[2] = {}) {
  const clock = createFakeClock(0, { autoAdvance: true });
  const transport = createRecordingTransport(answer);
  return { clock, transport, receipts: sendWithRetry(transport, messages(...ids), policy, clock, () => 1) };
}

describe('publishing with retries', () => {
  it('sends once what is accepted at once', async () => {
    const { transport, receipts, clock } = send(accepted, ['a', 'b']);
    expect(await receipts).toEqual([
      { ok: true, messageId: 'm-a' },
      { ok: true, messageId: 'm-b' },
    ]);
    expect(transport.calls()).toBe(1);
    expect(clock.sleeps).toEqual([]);
  });

  it('sends again only what failed and may be retried, and answers in the order given', async () => {
    const { transport, receipts } = send(
      (m, call) => (m.id === 'b' && call < 3 ? throttled() : m.id === 'c' ? refused() : accepted(m)),
      ['a', 'b', 'c'],
    );
    const answers = await receipts;
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(transport.sent.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'b', 'b']);
  });

  it('waits as Celery’s policy says and gives up after its three retries', async () => {
    const { clock, transport, receipts } = send(throttled, ['a']);
    expect((await receipts)[0]?.ok).toBe(false);
    expect(transport.calls()).toBe(4);
    expect(clock.sleeps).toEqual([0, 200, 400]);
  });

  it('takes the policy’s own numbers', async () => {
    const { clock, receipts } = send(throttled, ['a'], { maxRetries: 4, intervalStart: 0.5, intervalStep: 1, intervalMax: 2 });
    await receipts;
    expect(clock.sleeps).toEqual([500, 1500, 2000, 2000]);
  });

  it('goes on for ever where maxRetries is null', async () => {
    const { transport, receipts } = send((m, call) => (call < 50 ? throttled() : accepted(m)), ['a'], { maxRetries: null });
    expect((await receipts)[0]?.ok).toBe(true);
    expect(transport.calls()).toBe(50);
  });

  it('tries nothing again without a policy', async () => {
    const transport = createRecordingTransport(throttled);
    const [receipt] = await sendWithRetry(transport, messages('a'), undefined, createFakeClock());
    expect(receipt?.ok).toBe(false);
    expect(transport.calls()).toBe(1);
  });
});
