import { describe, expect, it } from 'vitest';
import { Room } from '../../../src/app/room.ts';

const MOST = 1000;

/** A room that is full, and who got in since. */
function fullRoom(): { room: Room<number>; inside: number[]; ask: (who: number) => void } {
  const inside: number[] = [];
  const room = new Room<number>((who) => inside.push(who));
  for (let place = 0; place < MOST; place++) expect(room.enter()).toBe(true);
  return { room, inside, ask: (who) => (room.enter() ? inside.push(who) : room.wait(who)) };
}

describe('a room', () => {
  it('lets in who waits in the order they came, one for each that leaves', () => {
    const { room, inside, ask } = fullRoom();
    for (const who of [1, 2, 3]) ask(who);
    expect(inside).toEqual([]);
    room.leave(0);
    room.leave(0);
    expect(inside).toEqual([1, 2]);
  });

  it('is not entered before those who wait', () => {
    const { room, inside, ask } = fullRoom();
    ask(1);
    room.leave(0);
    ask(2);
    room.leave(0);
    expect(inside).toEqual([1, 2]);
  });

  it('is full of large messages sooner', () => {
    const room = new Room<number>(() => undefined);
    for (let place = 0; place < 32; place++) {
      expect(room.enter()).toBe(true);
      room.fill(1_048_576);
    }
    expect(room.enter()).toBe(false);
    room.leave(1_048_576);
    expect(room.enter()).toBe(true);
  });

  it('keeps count of those who enter anyway', () => {
    const { room, inside, ask } = fullRoom();
    expect(room.enter(true)).toBe(true);
    ask(1);
    room.leave(0);
    expect(inside).toEqual([]);
    room.leave(0);
    expect(inside).toEqual([1]);
  });

  it('lets in a hundred thousand, whole and in order', () => {
    const { room, inside, ask } = fullRoom();
    const everyone = Array.from({ length: 100_000 }, (_, who) => who);
    for (const who of everyone) ask(who);
    while (inside.length < everyone.length) {
      for (let leaving = 0; leaving < MOST; leaving++) room.leave(0);
    }
    expect(inside).toEqual(everyone);
  });
});
