import { expect, test } from 'vitest';
import type { PlanCall } from '../../../src/canvas/plan.ts';
import { planOf } from '../../../src/canvas/planning.ts';
import { isCeleryError } from '../../../src/errors.ts';
import type { SignatureData } from '../../../src/wire/message.ts';
import {
  canvasCases,
  comparable,
  countedIds,
  type Outcome,
  outcomeOf,
  type RefusedOutcome,
  renumbered,
} from '../../support/canvas-cases.ts';

interface Case {
  readonly name: string;
  readonly signature: SignatureData;
  readonly call?: Pick<PlanCall, 'args' | 'kwargs' | 'options'>;
  /** Of the signature read from JSON, and of the one composed in Python where that differs. */
  readonly outcome: Outcome | RefusedOutcome;
  readonly live?: Outcome | RefusedOutcome;
}

/** What Python fails on without meaning to, and what ours comes to. */
const KINDER: ReadonlyMap<string, string> = new Map([['group-only/empty-chain', 'a group of nothing but empty chains is an empty group']]);

/** Members of a chord that are sent as a group of their own: Celery tells its backend a size alone, ours the chord that they count for. */
const STRAY: ReadonlySet<string> = new Set(['part-of-chord-group']);

/**
 * A chord in a group that ends a chain in a header: Celery has its body count for that group, so that the chord around all of it waits for
 * ever. Ours counts for the chord it is part of (test/property/canvas.test.ts runs such canvases); the recorded group is the wrong one.
 */
const MENDED: ReadonlyMap<string, string> = new Map([['after chord-header-chain-of-group-of-chord', 't.d']]);

for (const file of ['sending', 'following', 'random']) {
  const cases = canvasCases<Case>(file);

  test(`${file}: there are cases`, () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  test.each(cases)(`${file}: $name comes to what Celery sends`, ({ name, signature, call = {}, outcome, live }) => {
    const before = JSON.stringify([signature, call]);
    const plan = (): Outcome => outcomeOf(planOf(signature, { ...call, newId: countedIds(), replyTo: 'reply-to' }));
    const expected = 'sent' in outcome ? outcome : 'sent' in (live ?? {}) ? (live as Outcome) : undefined;
    if (expected === undefined && !KINDER.has(name)) {
      expect(plan).toThrow(expect.toSatisfy(isCeleryError));
      return;
    }
    const ours = plan();
    expect(JSON.stringify([signature, call])).toBe(before);
    if (expected === undefined) {
      expect(ours).toMatchObject({ sent: [], result: [['our-1', null], []] });
      return;
    }
    const candidates = [outcome, live].filter((one): one is Outcome => one !== undefined && 'sent' in one);
    const words = candidates.map((one) => inOneOrder(signature, call, comparable(one)));
    const mended = MENDED.get(name);
    if (mended !== undefined) {
      const groupOf = (one: Outcome): unknown => one.chords.at(-1)!.body.options['group_id'];
      expect(ours.chords.at(-1)!.body.task).toBe(mended);
      expect(groupOf(ours)).not.toBe(groupOf(expected));
      expect(groupOf(ours)).toBe(ours.sent[0]!['options'] && (ours.sent[0]!['options'] as Record<string, unknown>)['group_id']);
      return;
    }
    const own = STRAY.has(name) ? { ...ours, chords: [], sizes: [] } : ours;
    expect(words).toContainEqual(inOneOrder(signature, call, own));
  });
}

/** With the ids that were there before, as those of the outcome follow them. */
function inOneOrder(signature: SignatureData, call: Case['call'], outcome: Outcome): unknown {
  return renumbered({ call, signature, outcome: JSON.parse(JSON.stringify(outcome)) });
}
