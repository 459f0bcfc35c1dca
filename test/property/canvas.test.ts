import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chained } from '../../src/canvas/chaining.ts';
import { planOf } from '../../src/canvas/planning.ts';
import type { SignatureData } from '../../src/wire/message.ts';
import type { ResultTuple } from '../../src/wire/result.ts';
import { countedIds } from '../support/canvas-cases.ts';
import { chainData, chordData, groupData, task } from '../support/canvas-data.ts';
import { runCanvas } from '../support/canvas-run.ts';

type Shape = 'task' | { readonly kind: 'chain' | 'piped' | 'group' | 'chord'; readonly members: readonly Shape[]; readonly body?: Shape };

const members = (node: fc.Arbitrary<Shape>): fc.Arbitrary<Shape[]> => fc.array(node, { minLength: 1, maxLength: 3 });

const shapes: fc.Arbitrary<Shape> = fc.letrec<{ node: Shape }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<Shape>('task'),
    fc.record({ kind: fc.constantFrom('chain' as const, 'piped' as const, 'group' as const), members: members(tie('node')) }),
    fc.record({ kind: fc.constant('chord' as const), members: members(tie('node')), body: tie('node') }),
  ),
})).node;

/** A canvas whose tasks are called t0, t1, t2 …; everything in it is frozen. */
function canvasOf(shape: Shape): { canvas: SignatureData; names: readonly string[] } {
  const names: string[] = [];
  const build = (part: Shape): SignatureData => {
    if (part === 'task') {
      names.push(`t${names.length}`);
      return task(names.at(-1)!);
    }
    const parts = part.members.map(build);
    if (part.kind === 'chord') return chordData(parts, build(part.body!));
    if (part.kind === 'group') return groupData(parts);
    return part.kind === 'chain' ? chainData(parts) : chained(parts);
  };
  return { canvas: deeplyFrozen(build(shape)), names };
}

function deeplyFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(Object.freeze(value))) deeplyFrozen(part);
  return value;
}

// What follows a chord whose body is a group runs after each member of it, as in Celery: not once, and for no one chord.
const canvases = shapes.map(canvasOf).filter(({ canvas }) => !repeats(canvas));

function repeats({ subtask_type, kwargs }: SignatureData): boolean {
  const { tasks, header, body } = kwargs as { tasks?: SignatureData[]; header?: SignatureData[]; body?: SignatureData };
  const inside = [...(tasks ?? []), ...(header ?? []), ...(body === undefined ? [] : [body])];
  if (inside.some(repeats)) return true;
  if (subtask_type !== 'chain') return false;
  return spliced(tasks!).slice(0, -1).some(({ subtask_type: type, kwargs: { body: of } }) => type === 'chord' && endsInGroup(of as SignatureData)); // biome-ignore format: a condition
}

const spliced = (tasks: readonly SignatureData[]): SignatureData[] =>
  tasks.flatMap((part) => (part.subtask_type === 'chain' ? spliced(part.kwargs['tasks'] as SignatureData[]) : [single(part)]));

/** A group of one is its member. */
function single(signature: SignatureData): SignatureData {
  const { tasks } = signature.kwargs as { tasks?: SignatureData[] };
  return signature.subtask_type === 'group' && tasks!.length === 1 ? single(tasks![0]!) : signature;
}

function endsInGroup(signature: SignatureData): boolean {
  const { subtask_type, kwargs } = single(signature);
  if (subtask_type === 'chain') return endsInGroup((kwargs['tasks'] as SignatureData[]).at(-1)!);
  return subtask_type === 'chord' ? endsInGroup(kwargs['body'] as SignatureData) : subtask_type === 'group';
}

const RUNS = { numRuns: 300 };

test('every task of a canvas runs once', () => {
  fc.assert(
    fc.property(canvases, ({ canvas, names }) => {
      expect(runCanvas(canvas).ran.toSorted()).toEqual(names.toSorted());
    }),
    RUNS,
  );
});

/** A group in the body of a chord in a header, whose last member ends in a group of its own. */
const NESTED = canvasOf({
  kind: 'chord',
  members: [
    {
      kind: 'chord',
      members: ['task'],
      body: {
        kind: 'group',
        members: [
          {
            kind: 'chain',
            members: [{ kind: 'chord', members: ['task'], body: { kind: 'chain', members: [{ kind: 'group', members: ['task'] }] } }],
          },
          'task',
        ],
      },
    },
    'task',
  ],
  body: 'task',
});

test('a chord is announced with as many parts as come', () => {
  fc.assert(
    fc.property(canvases, ({ canvas }) => {
      const counts = [...runCanvas(canvas).chords.values()];
      expect(counts.map(({ parts }) => parts)).toEqual(counts.map(({ size }) => size));
    }),
    { ...RUNS, examples: [[NESTED]] },
  );
});

test('what waits for a result waits for tasks that run', () => {
  fc.assert(
    fc.property(canvases, ({ canvas }) => {
      const { plans, tasks } = runCanvas(canvas);
      const ids = new Set(tasks.map(({ options }) => options['task_id']));
      expect(ids.size).toBe(tasks.length);
      expect(leavesOf(plans[0]!.result).filter((id) => !ids.has(id))).toEqual([]);
      expect(plans[0]!.children.flatMap(leavesOf).filter((id) => !ids.has(id))).toEqual([]);
    }),
    RUNS,
  );
});

const leavesOf = ([[id], parts]: ResultTuple): readonly string[] => (parts === null ? [id] : parts.flatMap(leavesOf));

test('what follows a task has its root, and a part of a chord its group', () => {
  fc.assert(
    fc.property(canvases, ({ canvas }) => {
      const { plans, tasks } = runCanvas(canvas);
      const roots = new Map(tasks.map(({ options }) => [options['task_id'], options['root_id'] ?? options['task_id']]));
      for (const { options } of tasks) {
        if (options['parent_id'] !== undefined) expect(options['root_id']).toBe(roots.get(options['parent_id']));
        if (options['chord'] !== undefined) expect(options['group_id']).toBeTypeOf('string');
      }
      const noted = plans.flatMap(({ chords }) => chords.map(({ groupId, body }) => [groupId, body.options['task_id']]));
      expect(noted.every(([group, body]) => typeof group === 'string' && typeof body === 'string')).toBe(true);
    }),
    RUNS,
  );
});

test('a group gives its results in the order of its members', () => {
  fc.assert(
    fc.property(fc.array(shapes, { minLength: 2, maxLength: 5 }), (shapesOfMembers) => {
      const canvas = groupData(shapesOfMembers.map((shape) => canvasOf(shape).canvas).filter((part) => part.subtask_type === null));
      const { tasks, result } = planOf(canvas, { newId: countedIds() });
      expect(result[1]!.map(([[id]]) => id)).toEqual(tasks.map(({ options }) => options['task_id']));
    }),
    RUNS,
  );
});

test('the same ids give the same plan, and nothing that was given is changed', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { canvas } = canvasOf(shape);
      expect(planOf(canvas, { newId: countedIds() })).toEqual(planOf(canvas, { newId: countedIds() }));
    }),
    RUNS,
  );
});
