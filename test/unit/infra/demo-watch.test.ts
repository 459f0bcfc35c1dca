import { describe, expect, it, vi } from 'vitest';
import type { DeadLetter } from '../../../infra/demo/account.ts';
import { readWorkerLine, toDeadLetter, watchDeadLetters } from '../../../infra/demo/watch.ts';
import type { Delivery, Inbox } from '../../../src/index.ts';

const delivery: Delivery = { messageId: 'm-1', queue: 'celery-dead-letter', body: 'b', receiveCount: 1 };

describe('a line of the worker', () => {
  it('about a message is read', () => {
    const line = {
      messageId: 'm-1',
      acknowledged: false,
      state: 'FAILURE',
      id: 't-1',
      retries: 1,
      error: { name: 'TypeError' },
      runtimeMs: 1,
    };
    expect(readWorkerLine(JSON.stringify(line))).toEqual({
      messageId: 'm-1',
      acknowledged: false,
      state: 'FAILURE',
      id: 't-1',
      retries: 1,
      errorName: 'TypeError',
    });
    expect(readWorkerLine('{"messageId":"m-1","acknowledged":true}')).toEqual({ messageId: 'm-1', acknowledged: true });
  });

  it.each(['no JSON', 'null', '7', '{"message":"hello"}', '{"messageId":"m-1"}', '{"messageId":1,"acknowledged":true}'])(
    'that is %s is of no matter here',
    (text) => {
      expect(readWorkerLine(text)).toBeUndefined();
    },
  );
});

describe('a dead letter', () => {
  it('has the code, the reason and the task id of its attributes', () => {
    const attributes = {
      'celeriac.code': { type: 'String', value: 'not-json' },
      'celeriac.reason': { type: 'String', value: 'No JSON.' },
      'celeriac.id': { type: 'String', value: 't-1' },
    } as const;
    expect(toDeadLetter({ ...delivery, attributes })).toEqual({
      messageId: 'm-1',
      body: 'b',
      code: 'not-json',
      reason: 'No JSON.',
      id: 't-1',
    });
  });

  it('that SQS buried has none of them', () => {
    expect(toDeadLetter(delivery)).toEqual({ messageId: 'm-1', body: 'b' });
    expect(toDeadLetter({ ...delivery, attributes: { 'celeriac.code': { type: 'Binary', value: new Uint8Array() } } })).not.toHaveProperty(
      'code',
    );
  });
});

describe('the dead-letter queue', () => {
  const inboxOf = (receive: Inbox['receive']): Inbox => ({ receive, done: vi.fn(), postpone: vi.fn() });

  it('is looked into until told otherwise, and nothing is taken out', async () => {
    const found: DeadLetter[] = [];
    const receive = vi.fn<Inbox['receive']>().mockResolvedValueOnce([delivery]).mockResolvedValue([]);
    const inbox = inboxOf(receive);
    const stop = watchDeadLetters(inbox, 'celery-dead-letter', (letter) => found.push(letter));
    await vi.waitFor(() => expect(receive.mock.calls.length).toBeGreaterThanOrEqual(3));
    await stop();
    expect(found).toEqual([{ messageId: 'm-1', body: 'b' }]);
    expect(inbox.done).not.toHaveBeenCalled();
    const looks = receive.mock.calls.length;
    await stop();
    expect(receive.mock.calls.length).toBe(looks);
  });

  it('that cannot be looked into is told when the watch is stopped', async () => {
    const stop = watchDeadLetters(inboxOf(vi.fn().mockRejectedValue(new Error('no such queue'))), 'nowhere', () => {});
    await expect(stop()).rejects.toThrow('no such queue');
  });
});
