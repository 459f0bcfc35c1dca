/** A bad record never changes what happens to its batch-mates, in any order and any number. */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SqsRecord } from '../../src/lambda/event.ts';
import { createSqsRecord } from '../../src/testing/events.ts';
import { noise, recipe, toRecord } from '../support/hostile-messages.ts';
import { closeNetwork } from '../support/hostile-network.ts';
import { createHostileWorld, type Fate } from '../support/hostile-world.ts';
import { envelopeText } from '../support/messages.ts';

closeNetwork();

/** One of each way to end badly. */
const BAD: ReadonlyMap<string, () => string> = new Map([
  ['noise', () => 'garbage'],
  ['a refused content type', () => envelopeText({ contentType: 'application/x-python-serialize' })],
  ['an unknown task', () => envelopeText({ headers: { task: 'nowhere.known', id: randomUUID() } })],
  ['a failing task', () => envelopeText({ headers: { task: 'proj.tasks.fail', id: randomUUID() } })],
  ['a task that retries', () => envelopeText({ headers: { task: 'proj.tasks.flaky', id: randomUUID() } })],
  ['an expired task', () => envelopeText({ headers: { task: 'good', id: randomUUID(), expires: '2001-01-01T00:00:00' } })],
  ['a task that is too early', () => envelopeText({ headers: { task: 'good', id: randomUUID(), eta: '2099-01-01T00:00:00' } })],
  ['a task named __proto__', () => envelopeText({ headers: { task: '__proto__', id: '__proto__' } })],
]);

const record = (body: string): SqsRecord => createSqsRecord(body, { messageId: randomUUID() });

/** The fate of a record that has the batch to itself. */
async function fateAlone(body: string): Promise<Fate> {
  const alone = record(body);
  return (await createHostileWorld().run([alone])).get(alone.messageId)!;
}

test.each([...BAD])('%s and a good record end as they would alone, in either order', async (_, make) => {
  const body = make();
  const alone = await fateAlone(body);
  for (const goodFirst of [true, false]) {
    const world = createHostileWorld();
    const [good, bad] = [world.good(), record(body)];
    const fates = await world.run(goodFirst ? [good, bad] : [bad, good]);
    expect(fates.get(bad.messageId)).toBe(alone);
    expect(fates.get(good.messageId)).toBe('acknowledged');
    expect(await world.stateOf(good)).toBe('SUCCESS');
  }
});

test('so do any two bad records beside each other', async () => {
  for (const one of BAD.values()) {
    for (const other of BAD.values()) {
      const bodies = [one(), other()];
      const world = createHostileWorld();
      const records = bodies.map(record);
      const fates = await world.run(records);
      for (const [index, { messageId }] of records.entries()) expect(fates.get(messageId)).toBe(await fateAlone(bodies[index]!));
    }
  }
});

test('so does every record of a batch, however it is shuffled and whatever is among them', async () => {
  const bodies = fc.oneof(
    fc.constantFrom(...BAD.values()).map((make) => make()),
    recipe.map((value) => toRecord(value).body),
    noise,
  );
  const batch = fc.array(bodies, { minLength: 1, maxLength: 7 }).chain((given) => {
    const places = Array.from({ length: given.length + 3 }, (_, index) => index);
    return fc.tuple(fc.constant(given), fc.shuffledSubarray(places, { minLength: places.length }));
  });
  const orders = fc.tuple(batch, fc.integer({ min: 1, max: 10 }));
  await fc.assert(
    fc.asyncProperty(orders, async ([[given, order], concurrency]) => {
      const world = createHostileWorld({ concurrency });
      const goods = [world.good(), world.good(), world.good()];
      const records = [...given.map(record), ...goods];
      const fates = await world.run(order.map((place) => records[place]!));
      for (const good of goods) {
        expect(fates.get(good.messageId)).toBe('acknowledged');
        expect(await world.stateOf(good)).toBe('SUCCESS');
      }
      const alone = await Promise.all(given.map(fateAlone));
      // Two messages may be of one task: then only what is read of them counts.
      if (new Set(given).size === given.length)
        expect(records.slice(0, given.length).map(({ messageId }) => fates.get(messageId))).toEqual(alone);
    }),
    { numRuns: 300 },
  );
});
