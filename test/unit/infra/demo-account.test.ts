import { describe, expect, it } from 'vitest';
import { type Account, hasEnded, isAsPlanned } from '../../../infra/demo/account.ts';
import type { End } from '../../../infra/demo/plan.ts';

const accountOf = (expected: End, end: End | undefined): Account => ({
  planned: {
    task: 'proj.tasks.add',
    from: 'TypeScript',
    about: 'two numbers',
    expected,
    order: { via: 'sqs', id: 't-1', message: { MessageBody: 'body-1' } },
  },
  id: 't-1',
  attempts: [],
  end,
  endedMs: undefined,
  reason: undefined,
});

const succeeded: End = { kind: 'succeeded' };
const answered = (result: unknown): End => ({ kind: 'succeeded', result });
const failed = (why: string): End => ({ kind: 'failed', why });
const copied = (deadLetter: string): End => ({ kind: 'failed', why: 'Error', deadLetter });

describe('a task is as planned', () => {
  it.each([
    ['when it succeeded as it should', succeeded, succeeded, true],
    ['when what was read back of it is what it should be', answered(90), answered(90), true],
    ['but not when that is something else', answered(90), answered(91), false],
    ['but not when nothing was read back', answered(90), succeeded, false],
    ['when it failed of the right error', failed('Error'), failed('Error'), true],
    ['when it failed and left the right dead letter', copied('failed'), copied('failed'), true],
    ['but not when it failed of another', failed('Error'), failed('TypeError'), false],
    ['but not when it failed and left no dead letter', copied('failed'), failed('Error'), false],
    ['but not when it failed and left one that is not planned', failed('Error'), copied('failed'), false],
    ['but not when it died of what it should fail of', failed('Error'), { kind: 'dead', why: 'Error' }, false],
    ['but not while it is open', succeeded, undefined, false],
  ] as [string, End, End | undefined, boolean][])('%s', (_, expected, end, answer) => {
    expect(isAsPlanned(accountOf(expected, end))).toBe(answer);
  });
});

describe('a task has ended', () => {
  it.each([
    ['when it has an end', succeeded, succeeded, true],
    ['when its end is not the planned one', copied('failed'), succeeded, true],
    ['when it failed and a result is planned', answered(90), failed('Error'), true],
    ['when its planned result is read back', answered(90), answered(90), true],
    ['when another result is read back', answered(90), answered(91), true],
    ['but not before its planned result is read back', answered(90), succeeded, false],
    ['when it failed and its planned dead letter is found', copied('failed'), copied('failed'), true],
    ['but not before its planned dead letter is found', copied('failed'), failed('Error'), false],
    ['but not while it is open', succeeded, undefined, false],
  ] as [string, End, End | undefined, boolean][])('%s', (_, expected, end, answer) => {
    expect(hasEnded(accountOf(expected, end))).toBe(answer);
  });
});
