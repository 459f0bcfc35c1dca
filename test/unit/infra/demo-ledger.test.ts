import { describe, expect, it } from 'vitest';
import { type Account, createLedger, type Happening, isAsPlanned, type Ledger, type WorkerLine } from '../../../infra/demo/ledger.ts';
import type { End, Planned } from '../../../infra/demo/plan.ts';

const plannedAs = (expected: End): Planned => ({
  task: 'proj.tasks.add',
  from: 'TypeScript',
  about: 'two numbers',
  expected,
  order: { via: 'sqs', id: 't-1', message: { MessageBody: 'body-1' } },
});

const planned = plannedAs({ kind: 'succeeded' });
const sent: Happening = { kind: 'sent', planned, id: 't-1', messageId: 'm-1', body: 'body-1' };
const received: Happening = { kind: 'received', messageId: 'm-1' };
const returned: Happening = { kind: 'returned', messageId: 'm-1' };
const deleted: Happening = { kind: 'deleted', messageId: 'm-1' };
const logged = (line: Partial<WorkerLine>): Happening => ({
  kind: 'logged',
  line: { messageId: 'm-1', acknowledged: true, id: 't-1', ...line },
});
const deadLetter = (more: { code?: string; reason?: string } = {}): Happening => ({
  kind: 'deadLetter',
  letter: { messageId: 'd-1', body: 'body-1', ...more },
});

/** A ledger to which the happenings came one after the other, a hundred milliseconds apart. */
function ledgerOf(...happenings: readonly Happening[]): Ledger {
  const ledger = createLedger([planned]);
  for (const [index, happening] of happenings.entries()) ledger.record(happening, index * 100);
  return ledger;
}

const accountOf = (...happenings: readonly Happening[]): Account => ledgerOf(...happenings).accounts()[0]!;

describe('the ledger', () => {
  it('has every planned task open from the start', () => {
    expect(accountOf()).toEqual({
      planned,
      id: undefined,
      received: 0,
      returned: 0,
      end: undefined,
      endedMs: undefined,
      reason: undefined,
    });
  });

  it.each([
    ['SUCCESS', undefined, { kind: 'succeeded' }],
    ['FAILURE', 'TypeError', { kind: 'failed', why: 'TypeError' }],
    ['FAILURE', undefined, { kind: 'failed', why: 'unknown' }],
    ['REVOKED', 'TaskRevokedError', { kind: 'expired' }],
  ])('takes %s (%s), logged and deleted, for an end', (state, errorName, end) => {
    const line = errorName === undefined ? { state } : { state, errorName };
    expect(accountOf(sent, received, logged(line), deleted)).toMatchObject({ id: 't-1', received: 1, end, endedMs: 300 });
  });

  it('comes to the same when the log line is the last to come, and the sending the last but one', () => {
    expect(accountOf(received, deleted, sent, logged({ state: 'SUCCESS' }))).toMatchObject({
      id: 't-1',
      received: 1,
      end: { kind: 'succeeded' },
      endedMs: 300,
    });
  });

  it.each([
    ['is deleted and nothing was logged of it', [deleted]],
    ['succeeded and is not deleted', [logged({ state: 'SUCCESS' })]],
    ['failed and was given back', [logged({ state: 'FAILURE', acknowledged: false }), returned]],
    ['waits for its time', [logged({ state: 'WAITING' }), deleted]],
    ['was quarantined and lies in no dead-letter queue', [{ kind: 'logged', line: { messageId: 'm-1', acknowledged: true } }, deleted]],
  ] as [string, Happening[]][])('keeps a task open that %s', (_, happenings) => {
    expect(accountOf(sent, received, ...happenings).end).toBeUndefined();
  });

  it('follows a task that was sent on as another message', () => {
    const next: Happening[] = [
      { kind: 'received', messageId: 'm-2' },
      logged({ messageId: 'm-2', state: 'SUCCESS' }),
      { kind: 'deleted', messageId: 'm-2' },
    ];
    const ledger = ledgerOf(sent, received, logged({ state: 'WAITING' }), deleted, ...next);
    expect(ledger.accounts()[0]).toMatchObject({ received: 2, end: { kind: 'succeeded' } });
    expect(ledger.strays()).toEqual([]);
  });

  it('knows a quarantined message by its body, and why it was quarantined', () => {
    expect(accountOf(sent, received, deleted, deadLetter({ code: 'not-json', reason: 'No JSON.' }))).toMatchObject({
      end: { kind: 'dead', why: 'not-json' },
      endedMs: 300,
      reason: 'No JSON.',
    });
  });

  it('counts the receives of a message that SQS buried', () => {
    const account = accountOf(sent, received, returned, received, returned, deadLetter());
    expect(account).toMatchObject({ received: 2, returned: 2, end: { kind: 'dead', why: 'after 2 receives' }, reason: undefined });
  });

  it('keeps the first of two dead letters that are one message delivered twice', () => {
    expect(accountOf(sent, deadLetter({ code: 'first' }), deadLetter({ code: 'second' }))).toMatchObject({
      end: { why: 'first' },
      endedMs: 100,
    });
  });

  it('names messages that no planned task became', () => {
    expect(ledgerOf(sent, received, { kind: 'received', messageId: 'm-9' }).strays()).toEqual(['m-9']);
  });

  it('passes over a task that is not in the plan', () => {
    const stranger = plannedAs({ kind: 'expired' });
    const ledger = ledgerOf({ kind: 'sent', planned: stranger, id: 't-2', messageId: 'm-2', body: 'body-2' });
    expect(ledger.accounts()).toHaveLength(1);
  });
});

describe('a task is as planned', () => {
  const account = (expected: End, end: End | undefined): Account => ({ ...accountOf(), planned: plannedAs(expected), end });
  const failed = (why: string): End => ({ kind: 'failed', why });

  it.each([
    ['when it succeeded as it should', { kind: 'succeeded' }, { kind: 'succeeded' }, true],
    ['when it failed of the right error', failed('Error'), failed('Error'), true],
    ['but not when it failed of another', failed('Error'), failed('TypeError'), false],
    ['but not when it died of what it should fail of', failed('Error'), { kind: 'dead', why: 'Error' }, false],
    ['but not while it is open', { kind: 'succeeded' }, undefined, false],
  ] as [string, End, End | undefined, boolean][])('%s', (_, expected, end, answer) => {
    expect(isAsPlanned(account(expected, end))).toBe(answer);
  });
});
