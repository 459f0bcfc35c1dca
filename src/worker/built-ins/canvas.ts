/** The built-in tasks that send what they were given: groups, chords and chunks as messages of their own. */

import { addChildren } from '../../app/trail.ts';
import type { Plan } from '../../canvas/plan.ts';
import { planOf } from '../../canvas/planning.ts';
import type { SignatureData } from '../../wire/message.ts';
import { isTuple, type ResultTuple } from '../../wire/result.ts';
import { readSignature } from '../../wire/signature.ts';
import { callFor, sendPlans } from '../sending.ts';
import type { WorkerParts } from '../worker-parts.ts';
import { type BuiltIn, Given, sendingFor } from './built-in.ts';

/** Sends the members, whose ids are given, and answers with the group's result (celery.group). */
export const group: BuiltIn = (parts) => ({
  async run(self, ...all) {
    const given = new Given(all, ['tasks', 'result', 'group_id', 'partial_args', 'add_to_parent']);
    const result = given.get('result');
    const args = given.array('partial_args');
    const options = { group_id: given.get('group_id'), add_to_parent: false };
    const call = { ...callFor(parts, self.id, 'group'), args, options };
    const plans = given.array('tasks').map((task) => planOf(readSignature(task), call));
    await send(parts, plans, given.get('add_to_parent') !== false && isTuple(result) ? [result] : []);
    return result;
  },
});

/** Sends the header and has the body wait for it; answers with the body's result (celery.chord). */
export const chord: BuiltIn = (parts) => ({
  async run(self, ...all) {
    const given = new Given(all, ['header', 'body', 'partial_args', 'interval', 'countdown', 'max_retries']);
    const args = given.get('partial_args') === undefined ? [] : given.array('partial_args');
    const options = { interval: given.get('interval'), max_retries: given.get('max_retries') };
    const signature = canvas('chord', { kwargs: {}, header: given.get('header'), body: given.signature('body') });
    const plan = planOf(signature, { ...callFor(parts, self.id, 'chord'), args, options });
    await send(parts, [plan]);
    return plan.result;
  },
});

/** Sends the items in portions of `n`; answers with the group's result (celery.chunks). */
export const chunks: BuiltIn = (parts) => ({
  async run(self, ...all) {
    const given = new Given(all, ['task', 'it', 'n']);
    const kwargs = { task: given.signature('task'), it: given.array('it'), n: given.get('n') };
    const plan = planOf(canvas('chunks', kwargs), callFor(parts, self.id, 'chunks'));
    await send(parts, [plan]);
    return plan.result;
  },
});

const canvas = (type: string, kwargs: SignatureData['kwargs']): SignatureData => ({
  task: `celery.${type}`,
  args: [],
  kwargs,
  options: {},
  subtask_type: type,
  immutable: type === 'chunks',
});

/** @param children what it counts as a child besides what the plans say */
async function send(parts: WorkerParts, plans: readonly Plan[], children: readonly ResultTuple[] = []): Promise<void> {
  const sending = sendingFor(parts);
  await sendPlans(sending, plans);
  addChildren(sending.run, children);
}
