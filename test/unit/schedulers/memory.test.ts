import { describe, expect, it } from 'vitest';
import { createMemoryScheduler } from '../../../src/schedulers/memory.ts';
import type { ScheduledWait } from '../../../src/schedulers/scheduler.ts';
import { createMemoryTransport } from '../../../src/transports/memory.ts';
import { createFakeClock, NOON } from '../../support/fake-clock.ts';

const clock = createFakeClock();
const HOUR = 3_600_000;

const aWait = (name: string, more: Partial<ScheduledWait> = {}): ScheduledWait => ({
  name,
  atMs: NOON + HOUR,
  queue: 'celery',
  body: name,
  ...more,
});

async function scheduled(...waits: readonly ScheduledWait[]) {
  const transport = createMemoryTransport({ clock });
  const scheduler = createMemoryScheduler({ transport, clock });
  for (const wait of waits) await scheduler.schedule(wait);
  const received = async (queue: string) => (await transport.inbox!.receive(queue)).map(({ body }) => body);
  return { scheduler, received };
}

describe('the memory scheduler', () => {
  it('sends what is due, earliest first and once, and keeps the rest', async () => {
    const { scheduler, received } = await scheduled(aWait('late', { atMs: NOON + 2 }), aWait('soon', { atMs: NOON + 1 }), aWait('later'));
    expect(await scheduler.fire()).toEqual([]);
    await clock.advance(2);
    expect(await scheduler.fire()).toEqual(['soon', 'late']);
    expect(await scheduler.fire()).toEqual([]);
    expect(await received('celery')).toEqual(['soon', 'late']);
    expect([...scheduler.waits.keys()]).toEqual(['later']);
  });

  it('keeps the first of two waits of one name', async () => {
    const { scheduler } = await scheduled(aWait('a', { body: 'first' }), aWait('a', { body: 'second' }));
    expect(scheduler.waits.get('a')?.body).toBe('first');
  });

  it('finds by prefix and forgets what is taken back, or was never there', async () => {
    const { scheduler } = await scheduled(aWait('a-1'), aWait('a-2'), aWait('b-1'));
    expect(await scheduler.find('a-')).toEqual(['a-1', 'a-2']);
    await scheduler.cancel('a-1');
    await scheduler.cancel('nobody');
    expect(await scheduler.find('')).toEqual(['a-2', 'b-1']);
  });

  it('says what the transport refused, and keeps it', async () => {
    const { scheduler } = await scheduled(aWait('empty', { body: '', atMs: NOON }), aWait('fine', { atMs: NOON }));
    await expect(scheduler.fire()).rejects.toMatchObject({ name: 'EncodeError' });
    expect([...scheduler.waits.keys()]).toEqual(['empty']);
  });

  it('goes by the system’s clock unless told otherwise', async () => {
    const scheduler = createMemoryScheduler({ transport: createMemoryTransport() });
    await scheduler.schedule(aWait('past', { atMs: 0 }));
    expect(await scheduler.fire()).toEqual(['past']);
  });
});
