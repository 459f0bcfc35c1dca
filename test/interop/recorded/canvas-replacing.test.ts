import { expect, test } from 'vitest';
import { planOf } from '../../../src/canvas/planning.ts';
import { type ReplacedRequest, replacement } from '../../../src/canvas/replacing.ts';
import { isCeleryError } from '../../../src/errors.ts';
import type { SignatureData } from '../../../src/wire/message.ts';
import { canvasCases, comparable, countedIds, type Outcome, outcomeOf, renumbered } from '../../support/canvas-cases.ts';

interface Case {
  readonly name: string;
  readonly signature: SignatureData;
  readonly request: RecordedRequest;
  /** What Celery sends in the task's place, and what sending that comes to. */
  readonly replacement?: SignatureData;
  readonly outcome?: Outcome;
  /** Name of Python's exception. */
  readonly error?: string;
}

interface RecordedRequest extends Partial<Pick<ReplacedRequest, 'chain' | 'chord' | 'callbacks' | 'errbacks'>> {
  readonly id: string;
  readonly root_id: string;
  readonly group?: string;
  readonly group_index?: number;
  readonly replaced_task_nesting?: number;
}

function requestOf({ id, root_id, group, group_index, replaced_task_nesting, ...embed }: RecordedRequest): ReplacedRequest {
  return {
    ...embed,
    id,
    rootId: root_id,
    group: group ?? null,
    groupIndex: group_index ?? null,
    replacedTaskNesting: replaced_task_nesting ?? 0,
  };
}

/** Python fails here on callbacks that came with a message, as a group wants to clone them. */
const KINDER: ReadonlySet<string> = new Set(['chord-group for linked', 'chord-group for all']);

const cases = canvasCases<Case>('replacing');

test('there are cases', () => {
  expect(cases.length).toBeGreaterThan(50);
});

test.each(cases)('$name is sent as Celery sends it', (recorded) => {
  const { signature, request } = recorded;
  const call = { newId: countedIds(), replyTo: 'reply-to' };
  const replace = (): SignatureData => replacement(requestOf(request), signature, call);
  const before = JSON.stringify([signature, request]);
  if (recorded.outcome === undefined) {
    if (KINDER.has(recorded.name)) expect(JSON.stringify(replace())).toContain('t.cb');
    else expect(replace).toThrow(expect.toSatisfy(isCeleryError));
    return;
  }
  const replacing = replace();
  expect(JSON.stringify([signature, request])).toBe(before);
  const inOneOrder = (made: unknown, outcome: Outcome): unknown =>
    renumbered({ request, signature, replacement: made, outcome: JSON.parse(JSON.stringify(outcome)) });
  expect(inOneOrder(replacing, outcomeOf(planOf(replacing, call)))).toEqual(inOneOrder(recorded.replacement, comparable(recorded.outcome)));
});
