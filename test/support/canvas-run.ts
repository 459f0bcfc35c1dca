/** Runs a canvas as a worker would, without any: each task only says that it ran, follows its chain, and counts for its chord. */

import type { Plan, PlanCall, PlannedTask } from '../../src/canvas/plan.ts';
import { planOf } from '../../src/canvas/planning.ts';
import type { SignatureData } from '../../src/wire/message.ts';
import { countedIds } from './canvas-cases.ts';

export interface CanvasRun {
  /** Names, in the order in which they ran. */
  readonly ran: readonly string[];
  readonly tasks: readonly PlannedTask[];
  /** By group id: how many parts were announced, and how many came. */
  readonly chords: ReadonlyMap<string, { readonly size: number; readonly parts: number }>;
  readonly plans: readonly Plan[];
}

export function runCanvas(signature: SignatureData, mostTasks = 10_000): CanvasRun {
  const newId = countedIds();
  const plans: Plan[] = [];
  const ran: PlannedTask[] = [];
  const chords = new Map<string, { size: number; parts: number }>();
  const waiting: PlannedTask[] = [];
  const send = (next: SignatureData, call: Omit<PlanCall, 'newId'>): void => {
    const plan = planOf(next, { ...call, newId });
    plans.push(plan);
    for (const { groupId, size } of plan.chords) chords.set(groupId, { size, parts: 0 });
    waiting.push(...plan.tasks);
  };
  send(signature, {});
  for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
    ran.push(message);
    if (ran.length > mostTasks) throw new Error('the canvas does not end');
    const { task_id, root_id, chain, chord, group_id, link } = message.options as unknown as Options;
    const parents = { parent_id: task_id, root_id: root_id ?? task_id };
    for (const callback of link ?? []) send(callback, { args: [task_id], options: parents });
    const next = chain?.at(-1);
    if (next !== undefined) send(next, { args: [task_id], options: { ...parents, chain: chain!.slice(0, -1) } });
    if (chord === undefined) continue;
    const counted = chords.get(group_id!) ?? { size: Number.NaN, parts: 0 };
    counted.parts += 1;
    chords.set(group_id!, counted);
    if (counted.parts === counted.size) send(chord, { args: [[]] });
  }
  return { ran: ran.map(({ task }) => task), tasks: ran, chords, plans };
}

interface Options {
  readonly task_id: string;
  readonly root_id?: string;
  readonly group_id?: string;
  readonly chain?: readonly SignatureData[];
  readonly chord?: SignatureData;
  readonly link?: readonly SignatureData[];
}
