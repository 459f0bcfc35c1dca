import { describe, expect, it } from 'vitest';
import type { Account } from '../../../infra/demo/account.ts';
import { createLedger, type Happening, type Ledger, type WorkerLine } from '../../../infra/demo/ledger.ts';
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
const deadLetter = (more: { code?: string; reason?: string; id?: string; body?: string } = {}): Happening => ({
  kind: 'deadLetter',
  letter: { messageId: 'd-1', body: 'body-1', ...more },
});

const once = { received: 1, returned: 0, retried: false };

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
      attempts: [],
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
    expect(accountOf(sent, received, logged(line), deleted)).toMatchObject({ id: 't-1', attempts: [once], end, endedMs: 300 });
  });

  it('comes to the same when the log line is the last to come, and the sending the last but one', () => {
    expect(accountOf(received, deleted, sent, logged({ state: 'SUCCESS' }))).toMatchObject({
      id: 't-1',
      attempts: [once],
      end: { kind: 'succeeded' },
      endedMs: 300,
    });
  });

  it.each([
    ['is deleted and nothing was logged of it', [deleted]],
    ['succeeded and is not deleted', [logged({ state: 'SUCCESS' })]],
    ['failed and was given back', [logged({ state: 'FAILURE', acknowledged: false }), returned]],
    ['is to be tried again', [logged({ state: 'RETRY' }), deleted]],
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
    expect(ledger.accounts()[0]).toMatchObject({ attempts: [{ ...once, received: 2 }], end: { kind: 'succeeded' } });
    expect(ledger.strays()).toEqual([]);
  });

  it('follows a task from one attempt to the next, in whatever order they are seen', () => {
    const first: Happening[] = [received, logged({ state: 'RETRY', retries: 0 }), deleted];
    const second: Happening[] = [
      { kind: 'received', messageId: 'm-2' },
      { kind: 'returned', messageId: 'm-2' },
      { kind: 'received', messageId: 'm-2' },
      logged({ messageId: 'm-2', state: 'SUCCESS', retries: 1 }),
      { kind: 'deleted', messageId: 'm-2' },
    ];
    for (const happenings of [
      [...first, ...second],
      [...second, ...first],
    ]) {
      const ledger = ledgerOf(sent, ...happenings);
      expect(ledger.accounts()[0]).toMatchObject({
        attempts: [
          { received: 1, returned: 0, retried: true },
          { received: 2, returned: 1, retried: false },
        ],
        end: { kind: 'succeeded' },
      });
      expect(ledger.strays()).toEqual([]);
    }
  });

  it('takes a retry whose message was given back for none', () => {
    expect(accountOf(sent, received, logged({ state: 'RETRY', acknowledged: false }), returned).attempts).toEqual([
      { ...once, returned: 1 },
    ]);
  });

  describe('of a task that failed for good after a retry, and left a copy in the dead-letter queue', () => {
    const attempts: Happening[] = [
      received,
      logged({ state: 'RETRY', retries: 0 }),
      deleted,
      { kind: 'received', messageId: 'm-2' },
      logged({ messageId: 'm-2', state: 'FAILURE', errorName: 'Error', retries: 1 }),
      { kind: 'deleted', messageId: 'm-2' },
    ];
    const copy = deadLetter({ code: 'failed', reason: 'Error: no', id: 't-1', body: 'body-2' });
    const failed = {
      attempts: [{ ...once, retried: true }, once],
      end: { kind: 'failed', why: 'Error', deadLetter: 'failed' },
      endedMs: 700,
      reason: 'Error: no',
    };

    it('has one end with the copy named, whichever is seen first', () => {
      for (const happenings of [
        [...attempts, copy],
        [copy, ...attempts],
      ]) {
        const ledger = ledgerOf(sent, ...happenings);
        expect(ledger.accounts()[0]).toMatchObject(failed);
        expect(ledger.strays()).toEqual([]);
      }
    });

    it('has no end by the copy alone', () => {
      expect(accountOf(sent, copy, ...attempts.slice(0, 3))).toMatchObject({ end: undefined, endedMs: undefined });
    });

    it('has its end without the copy as well', () => {
      expect(accountOf(sent, ...attempts).end).toEqual({ kind: 'failed', why: 'Error' });
    });
  });

  it('takes a task for dead that has a copy for failed ones and did not fail', () => {
    expect(accountOf(sent, received, logged({ state: 'SUCCESS' }), deleted, deadLetter({ code: 'failed' }))).toMatchObject({
      end: { kind: 'dead', why: 'failed' },
      endedMs: 400,
    });
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
    expect(account).toMatchObject({
      attempts: [{ received: 2, returned: 2 }],
      end: { kind: 'dead', why: 'after 2 receives' },
      reason: undefined,
    });
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

  it('names dead letters that are of no planned task', () => {
    const others = [deadLetter({ body: 'body-9' }), deadLetter({ body: 'body-8', id: 't-9' })];
    expect(ledgerOf(sent, received, deadLetter(), ...others).strays()).toEqual(['d-1']);
  });

  it('passes over a task that is not in the plan', () => {
    const stranger = plannedAs({ kind: 'expired' });
    const ledger = ledgerOf(
      { kind: 'sent', planned: stranger, id: 't-2', messageId: 'm-2', body: 'body-2' },
      { kind: 'result', planned: stranger, value: 90 },
    );
    expect(ledger.accounts()).toEqual([accountOf()]);
  });

  describe('of a task that the worker sends', () => {
    const announced: Happening = { kind: 'sent', planned, id: 't-1' };
    const ran: Happening[] = [received, logged({ state: 'SUCCESS' }), deleted];
    const readBack: Happening = { kind: 'result', planned, value: 90 };

    it('has not been sent before a message of it is received', () => {
      expect(accountOf(announced)).toMatchObject({ id: undefined, attempts: [], end: undefined });
      expect(accountOf(announced, received, logged({ acknowledged: false }))).toMatchObject({ id: 't-1', attempts: [once] });
    });

    it('has an end with what was read back, whichever is seen first', () => {
      for (const happenings of [
        [...ran, readBack],
        [readBack, ...ran],
      ]) {
        const ledger = ledgerOf(announced, ...happenings);
        expect(ledger.accounts()[0]).toMatchObject({ attempts: [once], end: { kind: 'succeeded', result: 90 } });
        expect(ledger.strays()).toEqual([]);
      }
    });

    it('has none by what was read back alone, and none but its own when it failed', () => {
      expect(accountOf(announced, readBack).end).toBeUndefined();
      const failing = [received, logged({ state: 'FAILURE', errorName: 'Error' }), deleted];
      expect(accountOf(announced, ...failing, readBack).end).toEqual({ kind: 'failed', why: 'Error' });
    });
  });
});
