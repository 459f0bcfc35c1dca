import { describe, expect, it } from 'vitest';
import { Room } from '../../../src/app/room.ts';

const MOST = 1000;

/** A room that is full, and who got in since. */
function fullRoom(): { room: Room; inside: number[]; ask: (who: number) => void } {
  const room = new Room();
  for (let place = 0; place < MOST; place++) expect(room.enter()).toBeUndefined();
  const inside: number[] = [];
  return { room, inside, ask: (who) => void room.enter()?.then(() => inside.push(who)) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a room', () => {
  it('lets in who waits in the order they came, one for each that leaves', async () => {
    const { room, inside, ask } = fullRoom();
    for (const who of [1, 2, 3]) ask(who);
    await settled();
    expect(inside).toEqual([]);
    room.leave(0);
    room.leave(0);
    await settled();
    expect(inside).toEqual([1, 2]);
  });

  it('is not entered before those who wait', async () => {
    const { room, inside, ask } = fullRoom();
    ask(1);
    room.leave(0);
    ask(2);
    room.leave(0);
    await settled();
    expect(inside).toEqual([1, 2]);
  });

  it('is full of large messages sooner', async () => {
    const room = new Room();
    for (let place = 0; place < 32; place++) {
      expect(room.enter()).toBeUndefined();
      room.fill(1_048_576);
    }
    const entering = room.enter();
    expect(entering).toBeInstanceOf(Promise);
    room.leave(1_048_576);
    await entering;
  });

  it('keeps count of those who enter anyway', async () => {
    const { room, inside, ask } = fullRoom();
    room.enterAnyway();
    ask(1);
    room.leave(0);
    await settled();
    expect(inside).toEqual([]);
    room.leave(0);
    await settled();
    expect(inside).toEqual([1]);
  });

  it('lets in a hundred thousand, whole and in order', async () => {
    const { room, inside, ask } = fullRoom();
    const everyone = Array.from({ length: 100_000 }, (_, who) => who);
    for (const who of everyone) ask(who);
    while (inside.length < everyone.length) {
      for (let leaving = 0; leaving < MOST; leaving++) room.leave(0);
      await settled();
    }
    expect(inside).toEqual(everyone);
  });
});
