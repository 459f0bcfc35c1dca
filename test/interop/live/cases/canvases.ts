/** Canvases written down twice, for Python to build and for us, with what they come to whoever builds, runs and reads them. */

import { type AnySignature, type AsyncResult, chain, chord, type GroupResult, group } from '../../../../src/index.ts';
import type { Fleet } from '../canvas-tasks.ts';
import type { Outcome } from '../canvas-world.ts';

/** A canvas that can be sent as it is. */
export interface Built extends AnySignature {
  applyAsync(): Promise<AsyncResult | GroupResult>;
}

export interface Canvas {
  readonly name: string;
  /** An expression; `t` has the tasks. */
  readonly python: string;
  ours(t: Fleet): Built;
  readonly comesTo: Outcome;
  /** It is read without its parents, whose failure would be told first if it is there in time. */
  readonly alone?: true;
}

const value = (result: unknown): Outcome => ['value', result];
const boom: Outcome = ['error', 'ValueError', 'boom'];
const REASON = "ValueError('boom')";
/** As it is on Redis. On DynamoDB Celery does not name the part. */
const chordError: Outcome = ['error', 'ChordError', `Dependency <id> raised ${REASON}`];
const upTo = (size: number): number[] => Array.from({ length: size }, (_, index) => index);

export const CANVASES: readonly Canvas[] = [
  {
    name: 'a task',
    python: 't.echo.s(1, "ü 🐇", None)',
    ours: (t) => t.echo.s(1, 'ü 🐇', null),
    comesTo: value([1, 'ü 🐇', null]),
  },
  {
    name: 'a chain of six',
    python: 't.add.s(2, 2) | t.add.s(4) | t.mul.s(10) | t.add.s(1) | t.mul.s(2) | t.add.s(-2)',
    ours: (t) => chain(t.add.s(2, 2), t.add.s(4), t.mul.s(10), t.add.s(1), t.mul.s(2), t.add.s(-2)),
    comesTo: value(160),
  },
  {
    name: 'a chain with an immutable step',
    python: 'chain(t.add.s(1, 1), t.add.si(5, 5), t.add.s(1))',
    ours: (t) => chain(t.add.s(1, 1), t.add.si(5, 5), t.add.s(1)),
    comesTo: value(11),
  },
  {
    name: 'a chain whose first task returns nothing',
    python: 'chain(t.nothing.s(), t.echo.s("after"))',
    ours: (t) => chain(t.nothing.s(), t.echo.s('after')),
    comesTo: value([null, 'after']),
  },
  {
    name: 'a group',
    python: 'group(t.add.s(i, i) for i in range(5))',
    ours: (t) => group(upTo(5).map((i) => t.add.s(i, i))),
    comesTo: value([0, 2, 4, 6, 8]),
  },
  {
    name: 'a group of chains',
    python: 'group([t.add.s(1, 1) | t.mul.s(3), t.add.s(2, 2) | t.mul.s(3)])',
    ours: (t) => group([chain(t.add.s(1, 1), t.mul.s(3)), chain(t.add.s(2, 2), t.mul.s(3))]),
    comesTo: value([6, 12]),
  },
  {
    name: 'a chain that ends in a group',
    python: 't.add.s(1, 1) | group(t.add.s(1), t.mul.s(5))',
    ours: (t) => chain(t.add.s(1, 1), group(t.add.s(1), t.mul.s(5))),
    comesTo: value([3, 10]),
  },
  {
    name: 'a group in the middle of a chain',
    python: 't.add.s(1, 1) | group(t.add.s(1), t.add.s(2)) | t.total.s() | t.add.s(100)',
    ours: (t) => chain(t.add.s(1, 1), group(t.add.s(1), t.add.s(2)), t.total.s(), t.add.s(100)),
    comesTo: value(107),
  },
  {
    name: 'a group followed by a group',
    python: 'group(t.add.s(1, 1), t.add.s(2, 2)) | group(t.total.s(), t.echo.s())',
    ours: (t) => chain(group(t.add.s(1, 1), t.add.s(2, 2)), group(t.total.s(), t.echo.s())),
    comesTo: value([6, [[2, 4]]]),
  },
  {
    name: 'a chord',
    python: 'chord([t.add.s(i, i) for i in range(3)], t.echo.s("all"))',
    ours: (t) =>
      chord(
        upTo(3).map((i) => t.add.s(i, i)),
        t.echo.s('all'),
      ),
    comesTo: value([[0, 2, 4], 'all']),
  },
  {
    name: 'a chord of 30 parts',
    python: 'chord([t.add.s(i, 0) for i in range(30)], t.total.s())',
    ours: (t) =>
      chord(
        upTo(30).map((i) => t.add.s(i, 0)),
        t.total.s(),
      ),
    comesTo: value(435),
  },
  {
    name: 'a chord of one part',
    python: 'chord([t.add.s(1, 1)], t.echo.s())',
    ours: (t) => chord([t.add.s(1, 1)], t.echo.s()),
    comesTo: value([[2]]),
  },
  {
    name: 'a chord of chains, with a chain as its body',
    python: 'chord([t.add.s(1, 1) | t.mul.s(2), t.add.s(2, 2) | t.mul.s(2)], t.total.s() | t.add.s(1))',
    ours: (t) => chord([chain(t.add.s(1, 1), t.mul.s(2)), chain(t.add.s(2, 2), t.mul.s(2))], chain(t.total.s(), t.add.s(1))),
    comesTo: value(13),
  },
  {
    name: 'a chord in a chain',
    python: 't.add.s(1, 1) | chord([t.add.s(1), t.add.s(2)], t.total.s()) | t.mul.s(2)',
    ours: (t) => chain(t.add.s(1, 1), chord([t.add.s(1), t.add.s(2)], t.total.s()), t.mul.s(2)),
    comesTo: value(14),
  },
  {
    name: 'a chord in the header of a chord',
    python: 'chord([chord([t.add.s(1, 1), t.add.s(2, 2)], t.total.s()), t.add.s(3, 3)], t.echo.s())',
    ours: (t) => chord([chord([t.add.s(1, 1), t.add.s(2, 2)], t.total.s()), t.add.s(3, 3)], t.echo.s()),
    comesTo: value([[6, 6]]),
  },
  {
    name: 'chords in the headers of chords, three deep',
    python: 'chord([chord([chord([t.add.s(1, 1), t.add.s(2, 2)], t.total.s()), t.add.s(1, 1)], t.total.s()), t.add.s(3, 3)], t.echo.s())',
    ours: (t) => {
      const inner = chord([chord([t.add.s(1, 1), t.add.s(2, 2)], t.total.s()), t.add.s(1, 1)], t.total.s());
      return chord([inner, t.add.s(3, 3)], t.echo.s());
    },
    comesTo: value([[8, 6]]),
  },
  {
    name: 'a group of chords, and then',
    python: 'group(chord([t.add.s(i, i), t.add.s(1, 1)], t.total.s()) for i in range(2)) | t.echo.s()',
    ours: (t) => chain(group(upTo(2).map((i) => chord([t.add.s(i, i), t.add.s(1, 1)], t.total.s()))), t.echo.s()),
    comesTo: value([[2, 4]]),
  },
  {
    name: 'a chord as the body of a chord',
    python: 'chord([t.add.s(1, 1), t.add.s(2, 2)], chord([t.total.s(), t.echo.s()], t.echo.s()))',
    ours: (t) => chord([t.add.s(1, 1), t.add.s(2, 2)], chord([t.total.s(), t.echo.s()], t.echo.s())),
    comesTo: value([[6, [[2, 4]]]]),
  },
  {
    name: 'a group in the header of a chord, whose members are turned round',
    python: 'chord([group(t.add.s(1, 1), t.add.s(2, 2)), t.add.s(3, 3)], t.echo.s())',
    ours: (t) => chord([group(t.add.s(1, 1), t.add.s(2, 2)), t.add.s(3, 3)], t.echo.s()),
    comesTo: value([[4, 2, 6]]),
  },
  {
    name: 'a map in a chain',
    // Within a canvas Celery, and so do we, routes a map by its own name and not by that of its task.
    python: 't.total.map([[1, 2], [3]]).set(queue=t.sides[0]) | t.total.s()',
    ours: (t) => chain(t.total.map([[1, 2], [3]]).set({ queue: t.sides[0]! }), t.total.s()),
    comesTo: value(6),
  },
  {
    name: 'a starmap',
    python: 't.add.starmap([(1, 1), (2, 2)])',
    ours: (t) =>
      t.add.starmap([
        [1, 1],
        [2, 2],
      ]),
    comesTo: value([2, 4]),
  },
  {
    name: 'chunks',
    python: 't.add.chunks([(i, i) for i in range(5)], 2).group().set(queue=t.sides[0])',
    ours: (t) =>
      t.add
        .chunks(
          upTo(5).map((i) => [i, i] as const),
          2,
        )
        .group()
        .set({ queue: t.sides[0]! }),
    comesTo: value([[0, 2], [4, 6], [8]]),
  },
  {
    name: 'a task replaced by a chain, in a chain',
    python: 't.becomes.s(5, t.sides) | t.add.s(100)',
    ours: (t) => chain(t.becomes.s(5, t.sides), t.add.s(100)),
    comesTo: value(116),
  },
  {
    name: 'a task replaced by a group, in a chain',
    python: 't.becomes_group.s(5, t.sides) | t.total.s()',
    ours: (t) => chain(t.becomes_group.s(5, t.sides), t.total.s()),
    comesTo: value(13),
  },
  {
    name: 'tasks replaced by a chain and by a chord, in the header of a chord',
    python: 'chord([t.becomes.s(5, t.sides), t.becomes_chord.s(5, t.sides), t.add.s(1, 1)], t.echo.s())',
    ours: (t) => chord([t.becomes.s(5, t.sides), t.becomes_chord.s(5, t.sides), t.add.s(1, 1)], t.echo.s()),
    comesTo: value([[16, 13, 2]]),
  },
  {
    name: 'stamps, at the end of a chain',
    python: 'stamped(chain(t.add.s(1, 1), t.stamps.s()), tenant="acme", tier=3)',
    ours: (t) => chain(t.add.s(1, 1), t.stamps.s()).stamp({ tenant: 'acme', tier: 3 }),
    comesTo: value({ tenant: 'acme', tier: 3 }),
  },
  {
    name: 'a chain whose first task fails',
    python: 'chain(t.fail.s("boom"), t.echo.s(), t.echo.s())',
    ours: (t) => chain(t.fail.s('boom'), t.echo.s(), t.echo.s()),
    comesTo: boom,
  },
  {
    name: 'a group with a member that fails',
    python: 'group(t.add.s(1, 1), t.fail.s("boom"))',
    ours: (t) => group(t.add.s(1, 1), t.fail.s('boom')),
    comesTo: boom,
  },
  {
    name: 'a chord with a part that fails',
    python: 'chord([t.add.s(1, 1), t.fail.s("boom"), t.add.s(2, 2)], t.total.s())',
    ours: (t) => chord([t.add.s(1, 1), t.fail.s('boom'), t.add.s(2, 2)], t.total.s()),
    comesTo: chordError,
    alone: true,
  },
  {
    name: 'a chord whose body fails',
    python: 'chord([t.add.s(1, 1), t.add.s(2, 2)], t.fail.si("boom"))',
    ours: (t) => chord([t.add.s(1, 1), t.add.s(2, 2)], t.fail.si('boom')),
    comesTo: boom,
  },
  {
    name: 'a chord in a chain with a part that fails',
    python: 't.add.s(1, 1) | group(t.add.s(1), t.fail.si("boom")) | t.total.s() | t.add.s(1)',
    ours: (t) => chain(t.add.s(1, 1), group(t.add.s(1), t.fail.si('boom')), t.total.s(), t.add.s(1)),
    comesTo: chordError,
    alone: true,
  },
];
