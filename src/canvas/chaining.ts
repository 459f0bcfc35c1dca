/** Many signatures piped in one pass (celery.canvas.chain): the steps so far are added to in place, as copying them each time would be quadratic. */

import type { SignatureData } from '../wire/message.ts';
import { unchained } from './callbacks.ts';
import { bodyOf, canvas, checked, chordOver, cloned, isEmptyGroup, part, unrolled, withBody } from './parts.ts';
import { followed, type LinkSettings, type OnHeader, pipeParts } from './piping.ts';

/** `chain([...])`: all of them piped, in one pass. No signatures give an empty chain; one group alone is itself. */
export function chained(
  signatures: readonly SignatureData[],
  { errbacksOnChordHeader: onHeader = false }: LinkSettings = {},
): SignatureData {
  const parts = signatures.map((signature) => part(checked(signature)));
  const steps: SignatureData[] = [];
  for (const [index, step] of parts.entries()) {
    const other = added(steps, index === parts.length - 1 ? step : clonedUnlessChain(step), onHeader);
    if (other !== undefined) return pipeAll(other, parts.slice(index + 1), onHeader);
  }
  const last = steps.pop();
  return canvas('chain', last === undefined ? [] : [...steps.map(cloned), last]);
}

/** The tasks of a chain are copied where it is taken apart. */
const clonedUnlessChain = (data: SignatureData): SignatureData => (data.subtask_type === 'chain' ? data : cloned(data));

/** `left | first | second …`. */
export function pipeAll(left: SignatureData, rights: readonly SignatureData[], onHeader: OnHeader): SignatureData {
  let piped = left;
  let isOwn = false;
  for (const right of rights) {
    const before = piped;
    if (isOwn && piped.subtask_type === 'chain') piped = extended(piped, right, onHeader);
    else if (isOwn && piped.subtask_type === 'chord' && right.subtask_type === null) piped = goneOn(piped, right, onHeader);
    else piped = pipeParts(piped, right, onHeader);
    // Once something has followed it, its steps are copies.
    isOwn = piped.subtask_type === 'chain' ? !hasOptions(piped) && (isOwn || piped !== left) : before.subtask_type === 'chord';
  }
  return piped;
}

const hasOptions = ({ options }: SignatureData): boolean => Object.keys(options).length > 0;

function extended(chain: SignatureData, next: SignatureData, onHeader: OnHeader): SignatureData {
  const steps = [...(chain.kwargs['tasks'] as readonly SignatureData[])];
  return added(steps, next, onHeader) ?? canvas('chain', steps);
}

/** The chord, its body followed by `next`; a body that is a chain is not looked through again. */
function goneOn(chord: SignatureData, next: SignatureData, onHeader: OnHeader): SignatureData {
  const body = bodyOf(chord);
  if (body.subtask_type !== 'chain' || hasOptions(body)) return followed(chord, next, onHeader);
  return withBody(chord, extended(body, next, onHeader));
}

/** Adds a step in place by the rules of `|`. @returns what it comes to where that is no chain any more */
function added(steps: SignatureData[], given: SignatureData, onHeader: OnHeader): SignatureData | undefined {
  if (isEmptyGroup(given)) return undefined;
  if (given.subtask_type === 'chain') return addedAll(steps, unchained(given, onHeader), onHeader);
  const next = unrolled(given);
  if (given.subtask_type === 'group' && next.subtask_type !== 'group') return added(steps, next, onHeader);
  const last = steps.pop();
  if (last === undefined && next.subtask_type === 'group') return next;
  if (last?.subtask_type === 'chord' && next.subtask_type !== 'chord') steps.push(goneOn(last, next, onHeader));
  else if (last?.subtask_type === 'group' && next.subtask_type !== 'group') addChord(steps, chordOver(last, next), onHeader);
  else steps.push(...(last === undefined ? [next] : [cloned(last), next]));
  return undefined;
}

/** The body of a chord before it calls that one. */
function addChord(steps: SignatureData[], chord: SignatureData, onHeader: OnHeader): void {
  const before = steps.at(-1);
  if (before?.subtask_type === 'chord') steps[steps.length - 1] = goneOn(before, chord, onHeader);
  else steps.push(chord);
}

function addedAll(steps: SignatureData[], tasks: readonly SignatureData[], onHeader: OnHeader): SignatureData | undefined {
  for (const [index, task] of tasks.entries()) {
    const other = added(steps, task, onHeader);
    if (other !== undefined) return pipeAll(other, tasks.slice(index + 1), onHeader);
  }
  return undefined;
}
