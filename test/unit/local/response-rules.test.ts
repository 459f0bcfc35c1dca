import { describe, expect, it } from 'vitest';
import { judgeBatch } from '../../../src/local/response-rules.ts';

const BATCH = ['a', 'b', 'c'];

const judge = (payload: string) => judgeBatch(BATCH, { ok: true, payload }, 'ReportBatchItemFailures');

describe('with ReportBatchItemFailures', () => {
  it.each([
    ['an empty answer', ''],
    ['null', 'null'],
    ['an empty text', '""'],
    ['an empty list', '[]'],
    ['an empty object', '{}'],
    ['an object without the list', '{"statusCode":200}'],
    ['a list that is null', '{"batchItemFailures":null}'],
    ['a list that is empty', '{"batchItemFailures":[]}'],
  ])('%s deletes the whole batch', (_, payload) => {
    expect(judge(payload)).toEqual({ deleted: BATCH, returned: [] });
  });

  it.each([
    ['an answer that is not JSON', '{"batchItemFailures":', 'it is not JSON'],
    ['a text', '"done"', 'it is not an object'],
    ['a number', '1', 'it is not an object'],
    ['a list of something', '["a"]', 'it is not an object'],
    ['a list that is no list', '{"batchItemFailures":{"itemIdentifier":"a"}}', 'batchItemFailures is not a list'],
    ['an identifier that is a text only', '{"batchItemFailures":["a"]}', 'an item of batchItemFailures has no itemIdentifier'],
    ['an item that is null', '{"batchItemFailures":[null]}', 'an item of batchItemFailures has no itemIdentifier'],
    ['a wrong key', '{"batchItemFailures":[{"messageId":"a"}]}', 'an item of batchItemFailures has no itemIdentifier'],
    ['an empty identifier', '{"batchItemFailures":[{"itemIdentifier":""}]}', 'an itemIdentifier is empty'],
    ['an identifier that is null', '{"batchItemFailures":[{"itemIdentifier":null}]}', 'an itemIdentifier is empty'],
    ['an identifier that is a number', '{"batchItemFailures":[{"itemIdentifier":123}]}', 'the itemIdentifier 123 is not of this batch'],
    [
      'an identifier of another batch, beside a good one',
      '{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}',
      'the itemIdentifier "z" is not of this batch',
    ],
    ['an identifier that only looks inherited', '{"batchItemFailures":[{"__proto__":{"itemIdentifier":"a"}}]}', 'has no itemIdentifier'],
  ])('%s fails the whole batch', (_, payload, complaint) => {
    const verdict = judge(payload);
    expect(verdict).toMatchObject({ deleted: [], returned: BATCH });
    expect(verdict.reason).toContain(complaint);
  });

  it('the messages listed are returned and the others deleted', () => {
    expect(judge('{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}')).toEqual({
      deleted: ['a', 'c'],
      returned: ['b'],
      reason: 'reported in batchItemFailures',
    });
  });
});

describe('a failed invocation', () => {
  it.each([undefined, 'ReportBatchItemFailures'] as const)('returns the whole batch, response type %s', (responseType) => {
    const result = { ok: false, errorType: 'Sandbox.Timedout', message: 'Task timed out after 3.00 seconds' } as const;
    expect(judgeBatch(BATCH, result, responseType)).toEqual({
      deleted: [],
      returned: BATCH,
      reason: 'Sandbox.Timedout: Task timed out after 3.00 seconds',
    });
  });
});

it('without a response type the answer is not read', () => {
  const payload = '{"batchItemFailures":[{"itemIdentifier":"b"}]}';
  expect(judgeBatch(BATCH, { ok: true, payload }, undefined)).toEqual({ deleted: BATCH, returned: [] });
});
