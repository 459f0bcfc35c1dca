/** Every canvas, built by either side and run by the other, and by both in turn; the results read by both. */

import { deepEqual } from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Side } from '../canvas-tasks.ts';
import { type CanvasWorld, comparable, type Store } from '../canvas-world.ts';
import type { Case } from '../case.ts';
import { CANVASES, type Canvas } from './canvases.ts';

type Builder = 'Python' | 'we';

type Place = readonly [Builder, ...Side[]];

/** Python alone says what is right. */
const PLACES: Readonly<Record<Store, readonly Place[]>> = {
  redis: [
    ['Python', 'py'],
    ['Python', 'ts'],
    ['Python', 'ts', 'py'],
    ['Python', 'py', 'ts'],
    ['we', 'py'],
    ['we', 'ts', 'py'],
    ['we', 'py', 'ts'],
  ],
  dynamodb: [
    ['Python', 'ts'],
    ['Python', 'ts', 'py'],
    ['we', 'py'],
    ['we', 'py', 'ts'],
  ],
};

export function canvases(world: CanvasWorld): readonly Case[] {
  return CANVASES.map((canvas) => ({
    name: canvas.name,
    run: async () => {
      const expected = comparable(canvas.comesTo, world.store);
      const found = await Promise.all(
        PLACES[world.store].map(async (place) => [nameOf(place), await comesTo(world, canvas, place)] as const),
      );
      const wrong = found.filter(([, outcome]) => !isDeepStrictEqual(outcome, expected));
      deepEqual(Object.fromEntries(wrong), Object.fromEntries(wrong.map(([place]) => [place, expected])));
    },
  }));
}

const nameOf = ([builder, ...sides]: Place): string => `${builder}: ${sides.join(', ')}`;

async function comesTo(world: CanvasWorld, canvas: Canvas, [builder, ...sides]: Place): Promise<unknown> {
  try {
    const sent =
      builder === 'Python'
        ? await world.pythonSends(canvas.python, ...sides)
        : (await canvas.ours(world.fleet(...sides)).applyAsync()).toTuple();
    return await world.outcome(canvas.alone ? [[sent[0][0], null], null] : sent);
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}
