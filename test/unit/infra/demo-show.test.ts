import { describe, expect, it } from 'vitest';
import type { Account, Attempt } from '../../../infra/demo/account.ts';
import type { Planned } from '../../../infra/demo/plan.ts';
import { HEADING, isDone, isFine, rowLine, sumLines, toRows } from '../../../infra/demo/show.ts';

const attempt = (more: Partial<Attempt> = {}): Attempt => ({ received: 1, returned: 0, retried: false, ...more });

const accountWith = ({ planned = {}, ...more }: Partial<Omit<Account, 'planned'>> & { planned?: Partial<Planned> } = {}): Account => ({
  planned: {
    task: 'proj.tasks.add',
    from: 'TypeScript',
    about: 'two numbers',
    expected: { kind: 'succeeded' },
    order: { via: 'sqs', id: '', message: { MessageBody: '' } },
    ...planned,
  },
  id: '0123456789abcdef',
  attempts: [attempt()],
  end: { kind: 'succeeded' },
  endedMs: 1240,
  reason: undefined,
  ...more,
});

const OPEN = { end: undefined, endedMs: undefined } as const;
const squeezed = (line: string): string => line.replace(/ {2,}/g, ' | ');
const lineOf = (account: Account): string => squeezed(rowLine([account]));

describe('a row', () => {
  it('tells what was sent, by whom, its end and its way', () => {
    expect(lineOf(accountWith())).toBe(
      '✓ | 1.2 s | proj.tasks.add | 01234567 | TypeScript | SUCCESS | sent → received → deleted | two numbers',
    );
  });

  it('stands under its headings', () => {
    const row = rowLine([accountWith()]);
    expect(row.indexOf('SUCCESS')).toBe(HEADING.indexOf('end'));
    expect(row.indexOf('two numbers')).toBe(HEADING.indexOf('particular'));
  });

  it.each([
    [
      { end: { kind: 'succeeded', result: 90 }, planned: { expected: { kind: 'succeeded', result: 90 } } },
      '✓',
      'SUCCESS 90',
      'sent → received → deleted',
    ],
    [{ end: { kind: 'succeeded', result: 91 } }, '✗', 'SUCCESS 91', 'sent → received → deleted'],
    [{ end: { kind: 'failed', why: 'TypeError' } }, '✗', 'FAILURE TypeError', 'sent → received → deleted'],
    [{ end: { kind: 'expired' } }, '✗', 'REVOKED expired', 'sent → received → deleted'],
    [{ end: { kind: 'dead', why: 'not-json' }, reason: 'No.' }, '✗', 'DEAD not-json', 'sent → received → quarantined'],
    [
      { end: { kind: 'dead', why: 'after 5 receives' }, attempts: [attempt({ received: 5, returned: 5 })] },
      '✗',
      'DEAD after 5 receives',
      'sent → received 5× → given back 5× → buried',
    ],
    [{ attempts: [attempt({ retried: true }), attempt()] }, '✓', 'SUCCESS', 'sent → received → retried → received → deleted'],
    [
      {
        end: { kind: 'failed', why: 'Error', deadLetter: 'failed' },
        attempts: [attempt({ received: 2, returned: 1, retried: true }), attempt()],
      },
      '✗',
      'FAILURE Error, dead letter: failed',
      'sent → received 2× → given back → retried → received → deleted',
    ],
    [{ ...OPEN, attempts: [attempt({ retried: true })] }, '', '…', 'sent → received → retried'],
    [{ ...OPEN, attempts: [attempt({ received: 2, returned: 1 })] }, '', '…', 'sent → received 2× → given back'],
    [{ ...OPEN, attempts: [] }, '', '…', 'sent'],
    [{ ...OPEN, attempts: [], id: undefined }, '', '…', 'not sent'],
  ] as [Parameters<typeof accountWith>[0], string, string, string][])(
    'of %o has the mark "%s", the end "%s" and the way "%s"',
    (more, mark, end, way) => {
      const line = lineOf(accountWith(more));
      expect(line).toContain(`| ${end} | ${way} |`);
      expect(line.startsWith(mark === '' ? ' | ' : `${mark} |`)).toBe(true);
    },
  );

  it('of a group sums up its tasks', () => {
    const group = { planned: { group: 'batch' } };
    const [row, ...others] = toRows([accountWith(group), accountWith(), accountWith({ ...group, endedMs: 2000 })]);
    expect(others).toHaveLength(1);
    expect(squeezed(rowLine(row!))).toContain(
      '✓ | 2.0 s | proj.tasks.add | 2 ids | TypeScript | 2 × SUCCESS | sent 2× → received 2× → deleted',
    );
  });

  it('of a group sums up its tasks attempt by attempt', () => {
    const group = { planned: { group: 'batch' } };
    const [row] = toRows([accountWith(group), accountWith({ ...group, attempts: [attempt({ retried: true }), attempt()] })]);
    expect(squeezed(rowLine(row!))).toContain('sent 2× → received 2× → retried → received → deleted');
  });

  it('of a group goes on until all its tasks have ended', () => {
    const [row] = toRows([accountWith({ planned: { group: 'batch' } }), accountWith({ ...OPEN, planned: { group: 'batch' } })]);
    expect(isDone(row!)).toBe(false);
    expect(squeezed(rowLine(row!))).toContain('| 1 × SUCCESS, 1 × … |');
  });
});

describe('the sums', () => {
  const dead = (why: string, reason?: string): Account =>
    accountWith({ planned: { expected: { kind: 'dead', why } }, end: { kind: 'dead', why }, reason });
  const outcome = {
    accounts: [accountWith(), dead('after 5 receives'), dead('not-json', 'No.'), dead('not-json', 'No.')],
    strays: [],
    left: 0,
  };

  it('add up what was sent, and give the reasons of dead letters', () => {
    expect(sumLines(outcome)).toEqual([
      '4 sent = 1 succeeded + 0 failed + 0 expired + 3 dead-lettered + 0 unaccounted for',
      '  dead-lettered 1 × after 5 receives',
      '  dead-lettered 2 × not-json: No.',
    ]);
    expect(isFine(outcome)).toBe(true);
  });

  it('count a failed task once that left a dead letter, and tell why it did', () => {
    const end = { kind: 'failed', why: 'Error', deadLetter: 'failed' } as const;
    const failed = accountWith({ planned: { expected: end }, end, reason: 'Error: no' });
    const accounts = [failed, failed, dead('not-json', 'No.')];
    expect(sumLines({ ...outcome, accounts })).toEqual([
      '3 sent = 0 succeeded + 2 failed + 0 expired + 1 dead-lettered + 0 unaccounted for',
      '  failed with a dead letter 2 × failed: Error: no',
      '  dead-lettered 1 × not-json: No.',
    ]);
    expect(isFine({ ...outcome, accounts })).toBe(true);
  });

  it.each([
    ['a task is unaccounted for', { accounts: [accountWith(OPEN)] }, /unaccounted for: proj\.tasks\.add {2}.*sent → received/],
    [
      'a task ended otherwise than planned',
      { accounts: [accountWith({ end: { kind: 'failed', why: 'Error' } })] },
      /not as planned, which was SUCCESS: ✗ .*FAILURE Error/,
    ],
    [
      'a planned dead letter is missing',
      {
        accounts: [
          accountWith({
            planned: { expected: { kind: 'failed', why: 'Error', deadLetter: 'failed' } },
            end: { kind: 'failed', why: 'Error' },
          }),
        ],
      },
      /not as planned, which was FAILURE Error, dead letter: failed: .*FAILURE Error {2}/,
    ],
    [
      'a result is another than planned',
      {
        accounts: [accountWith({ planned: { expected: { kind: 'succeeded', result: 90 } }, end: { kind: 'succeeded', result: 91 } })],
      },
      /not as planned, which was SUCCESS 90: ✗ .*SUCCESS 91/,
    ],
    [
      'a planned result was not read back',
      { accounts: [accountWith({ planned: { expected: { kind: 'succeeded', result: 90 } } })] },
      /not as planned, which was SUCCESS 90: .*SUCCESS {2}/,
    ],
    ['a message was not planned', { strays: ['m-9'] }, /a message nobody planned: m-9/],
    ['messages are still in the queue', { left: 2 }, /still in the queue: 2/],
  ])('are not fine and say so when %s', (_, more, text) => {
    const other = { ...outcome, ...more };
    expect(isFine(other)).toBe(false);
    expect(sumLines(other).at(-1)).toMatch(text);
  });
});
