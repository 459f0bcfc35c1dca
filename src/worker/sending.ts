/** Sends what a task is followed by, on the task's behalf, and tells apart what waiting mends from what it does not. */

import { type CurrentRun, runWithin } from '../app/current.ts';
import { addChildren } from '../app/trail.ts';
import type { Plan, PlanCall } from '../canvas/plan.ts';
import { planOf } from '../canvas/planning.ts';
import type { SignatureData } from '../wire/message.ts';
import { idsOf } from './named-ids.ts';
import type { Request } from './request.ts';
import type { WorkerParts } from './worker-parts.ts';

/** On whose behalf something is sent, and within whose time. */
export interface Sending {
  readonly parts: WorkerParts;
  readonly run: CurrentRun;
  readonly request?: Pick<Request, 'delivery'>;
}

/** What all plans of one purpose have in common: ids named after the task they follow. */
export function callFor({ settings }: WorkerParts, taskId: string, purpose: string): Pick<PlanCall, 'newId' | 'errbacksOnChordHeader'> {
  return { newId: idsOf(taskId, purpose), errbacksOnChordHeader: settings.taskAllowErrorCbOnChordHeader };
}

/** The plans of some signatures that are called alike: groups each for itself, the others as one group (celery trace.py, trace_task). */
export function plansOf(signatures: readonly SignatureData[], call: PlanCall): Plan[] {
  if (signatures.length < 2) return signatures.map((signature) => planOf(signature, call));
  const groups = signatures.filter(isGroup);
  const others = signatures.filter((signature) => !isGroup(signature));
  return [...groups, ...(others.length === 0 ? [] : [groupOf(others)])].map((signature) => planOf(signature, call));
}

export const isGroup = ({ subtask_type, task }: SignatureData): boolean => subtask_type === 'group' || task === 'celery.group';

export const groupOf = (tasks: readonly SignatureData[]): SignatureData => ({
  task: 'celery.group',
  args: [],
  kwargs: { tasks },
  options: {},
  subtask_type: 'group',
  immutable: false,
});

/** Sends all of them together; what they come to are the task's children. Rejects when one was not accepted. */
export async function sendPlans({ parts, run }: Sending, plans: readonly Plan[]): Promise<void> {
  const plan = plans.length === 1 ? plans[0]! : merged(plans);
  if (plan.tasks.length === 0 && plan.chords.length === 0) return;
  const publisher = await parts.publisher();
  // A run that was given up sends nothing more itself; what follows it is sent all the same.
  await runWithin(run.over ? { ...run, over: false } : run, () => publisher.publishPlan(plan));
  addChildren(run, plan.children);
}

function merged(plans: readonly Plan[]): Plan {
  return {
    chords: plans.flatMap(({ chords }) => chords),
    tasks: plans.flatMap(({ tasks }) => tasks),
    result: plans[0]?.result ?? [['', null], []],
    children: plans.flatMap(({ children }) => children),
  };
}
