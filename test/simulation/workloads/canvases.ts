/** Chains, groups, chords and replaced tasks, small ones: what each comes to is worked out beforehand. */

import { chain } from '../../../src/canvas/chain.ts';
import { chord } from '../../../src/canvas/chord.ts';
import { group } from '../../../src/canvas/group.ts';
import type { ResultTuple } from '../../../src/wire/result.ts';
import { between, chance, pick, type Random } from '../random.ts';
import { mixed, type Tasks } from '../tasks.ts';
import type { End, Publication, Sent } from './publication.ts';

export type CanvasKind = 'chain' | 'chord' | 'group' | 'replaced';

/** How a canvas is made, and what it comes to. */
interface Shape {
  make(tasks: Tasks): { applyAsync(): Promise<unknown> };
  /** The values of its members, or of itself; an error's name where it fails. */
  readonly comesTo: readonly (number | string)[];
  /** Of the tasks that must be told, each with a tag of its own. */
  readonly tells?: readonly string[];
  /** True where it is the body of a chord, which is called with one list only. */
  readonly isBody?: boolean;
}

export function canvas(random: Random, id: string, kind: CanvasKind): Publication {
  const shape = shapeOf(random, id, kind);
  return {
    label: `${id}-${kind}`,
    atMs: between(random, 0, 30_000),
    send: async (tasks) => (await shape.make(tasks).applyAsync()) as Sent,
    complaint: (end, sent) => (sent === undefined ? undefined : complaintOf(shape, end, sent.toTuple!())),
  };
}

function shapeOf(random: Random, id: string, kind: CanvasKind): Shape {
  const numbers = Array.from({ length: between(random, 2, 4) }, () => between(random, 0, 50));
  if (kind === 'chain') return chance(random, 0.2) ? failingChain(numbers, `${id}-told`) : chained(numbers);
  if (kind === 'group') return grouped(numbers, id, chance(random, 0.3));
  if (kind === 'replaced') return replaced(numbers[0]!, numbers[1]!, pick(random, [true, false]));
  return pick(random, [chorded, chordInChain, failingChord])(numbers, `${id}-told`);
}

function chained(numbers: readonly number[]): Shape {
  let value = 0;
  for (const [at, one] of numbers.entries()) value = mixed(at === 0 ? [one] : [value, one]);
  return { make: ({ mix }) => chain(...(numbers.map((one) => mix.s(one)) as never)), comesTo: [value] };
}

function failingChain([first = 1]: readonly number[], tag: string): Shape {
  return {
    make: ({ mix, fails, told }) => chain(mix.s(first), fails.s(), mix.s(2)).linkError(told.s(tag) as never),
    comesTo: ['RangeError'],
    tells: [tag],
  };
}

function grouped(numbers: readonly number[], id: string, hasFailing: boolean): Shape {
  const tags = numbers.map((_, at) => `${id}-told-${at}`);
  return {
    make: ({ mix, fails, told }) =>
      group([
        ...numbers.map((one, at) => mix.s(one).link(told.s(tags[at]) as never)),
        ...(hasFailing ? [fails.s(1).linkError(told.s(`${id}-failed`) as never)] : []),
      ] as never),
    comesTo: [...numbers.map((one) => mixed([one])), ...(hasFailing ? ['RangeError'] : [])],
    tells: [...tags, ...(hasFailing ? [`${id}-failed`] : [])],
  };
}

function replaced(first: number, second: number, isInChain: boolean): Shape {
  const swapped = (args: readonly number[]): number => mixed([mixed(args), 100]);
  if (!isInChain) return { make: ({ swap }) => swap.s(first), comesTo: [swapped([first])] };
  return {
    make: ({ mix, swap }) => chain(mix.s(first), swap.s(second), mix.s(3)),
    comesTo: [mixed([swapped([mixed([first]), second]), 3])],
  };
}

/** One of its parts is late: the others may come again before it has ended. */
function chorded(numbers: readonly number[]): Shape {
  const parts = numbers.map((one) => mixed([one]));
  const countdown = 40 * numbers[0]!;
  return {
    make: ({ mix }) => chord(numbers.map((one, at) => mix.signature([one], at === 0 ? { countdown } : {})) as never, mix.s(10) as never),
    comesTo: [mixed([parts, 10])],
    isBody: true,
  };
}

function chordInChain(numbers: readonly number[]): Shape {
  const parts = numbers.map((one) => mixed([mixed([1]), one]));
  return {
    make: ({ mix }) => chain(mix.s(1), group(numbers.map((one) => mix.s(one)) as never) as never, mix.s(4) as never) as never,
    comesTo: [mixed([parts, 4])],
    isBody: true,
  };
}

function failingChord(numbers: readonly number[], tag: string): Shape {
  return {
    make: ({ mix, fails, told }) =>
      chord([...numbers.map((one) => mix.s(one)), fails.s(1)] as never, mix.s(10).linkError(told.s(tag) as never) as never),
    comesTo: ['ChordError'],
    tells: [tag],
  };
}

function complaintOf({ comesTo, tells = [], isBody = false }: Shape, end: End, tuple: ResultTuple): string | undefined {
  const [[id], members] = tuple;
  if (isBody && end.argsOf(id).length > 1) return `the body ${id} was called with ${end.argsOf(id).join(' and with ')}`;
  if (idsIn(tuple).some((one) => end.isRootBuried(one))) return undefined;
  const ids = members === null ? [id] : members.map(([[member]]) => member);
  for (const [at, expected] of comesTo.entries()) {
    const document = end.document(ids[at]!);
    const isRight =
      typeof expected === 'number'
        ? document?.status === 'SUCCESS' && document.result === expected
        : document?.status === 'FAILURE' && (document.result as { exc_type?: string }).exc_type === expected;
    if (!isRight)
      return `${ids[at]} was to come to ${expected}, and is ${document === undefined ? 'without a result' : `${document.status} ${JSON.stringify(document.result)}`}`;
  }
  for (const tag of tells) {
    const told = end.toldWith(tag);
    if (told.length !== 1) return `${tag} was told under ${told.length} ids: ${told.join(', ')}`;
  }
  return undefined;
}

function idsIn([[id, parent], members]: ResultTuple): readonly string[] {
  return [id, ...(parent === null || parent === undefined ? [] : idsIn(parent)), ...(members ?? []).flatMap(idsIn)];
}
