import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueueUrls } from '../../../../src/transports/sqs/queues.ts';
import { createSend } from '../../../../src/transports/sqs/send.ts';
import type { Outgoing, Receipt } from '../../../../src/transports/transport.ts';
import { accepted, fakeApi, sdkError } from './fake-api.ts';

const message = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({ queue: 'q', id, body: id, ...more });
const many = (count: number, more: Partial<Outgoing> = {}) => Array.from({ length: count }, (_, at) => message(`m${at}`, more));

function setUp(answers: Parameters<typeof fakeApi>[0] = {}) {
  const api = fakeApi(answers);
  const { send, flush } = createSend(api, createQueueUrls(api, { queueNamePrefix: 'p-' }));
  const requests = () => api.sendMessageBatch.mock.calls.map(([url, entries]) => [url, entries.map((entry) => entry.MessageBody)] as const);
  return { api, send, flush, requests };
}

const said = (receipt: Receipt): string => {
  if (receipt.ok) return receipt.messageId;
  return 'retryable' in receipt.error && receipt.error.retryable ? 'again' : receipt.error.name;
};

describe('sending', () => {
  it('makes no request for nothing', async () => {
    const { api, send } = setUp();
    expect(await send([])).toEqual([]);
    expect(api.getQueueUrl).not.toHaveBeenCalled();
  });

  it('takes as few requests as it can, and answers in order', async () => {
    const { send, requests } = setUp();
    const batch = [...many(12), message('other', { queue: 'r' })];
    expect((await send(batch)).map(said)).toEqual(batch.map(({ id }) => `id of ${id}`));
    expect(requests().map(([url, bodies]) => [url.split('/').at(-1), bodies.length])).toEqual([
      ['p-q', 10],
      ['p-r', 1],
      ['p-q', 2],
    ]);
  });

  it('puts messages into one batch when their queues are one', async () => {
    const { send, requests } = setUp();
    await send([message('a'), message('b', { queue: 'p-q', ownName: true }), message('c', { queue: 'p-q' })]);
    expect(requests()).toEqual([
      ['https://sqs.test/1/p-q', ['a', 'b']],
      ['https://sqs.test/1/p-p-q', ['c']],
    ]);
  });

  it('looks unknown queues up at the same time', async () => {
    const asked: string[] = [];
    const { send } = setUp({
      getQueueUrl: async (name) => {
        asked.push(name);
        while (asked.length < 3) await new Promise(setImmediate);
        return `https://sqs.test/1/${name}`;
      },
    });
    expect(await send(['a', 'b', 'c'].map((queue) => message(queue, { queue })))).toHaveLength(3);
  });

  it('has several requests under way, but never more than eight', async () => {
    let open = 0;
    let most = 0;
    const { send } = setUp({
      sendMessageBatch: async (_url, entries) => {
        open += 1;
        most = Math.max(most, open);
        await new Promise(setImmediate);
        open -= 1;
        return accepted(entries);
      },
    });
    const receipts = await send(many(200));
    expect(receipts.every(({ ok }) => ok)).toBe(true);
    expect(most).toBe(8);
  });

  it('is waited for by a flush, the looking up of its queue included', async () => {
    const { send, flush, requests } = setUp();
    void send([message('a')]);
    await flush();
    expect(requests()).toHaveLength(1);
  });

  it('asks nothing of SQS for a message that is refused', async () => {
    const { api, send } = setUp();
    expect((await send([message('bad', { body: '\0' })])).map(said)).toEqual(['EncodeError']);
    expect(api.getQueueUrl).not.toHaveBeenCalled();
    expect(api.sendMessageBatch).not.toHaveBeenCalled();
  });
});

describe('an answer of SQS', () => {
  it('counts as accepted only what it says so of', async () => {
    const { send } = setUp({
      sendMessageBatch: async () => ({
        Successful: [
          { Id: '0', MessageId: 'x' },
          { Id: '4' },
          { Id: '1', MessageId: 'contradiction' },
          { Id: '99', MessageId: 'stranger' },
        ],
        Failed: [
          { Id: '1', SenderFault: true, Code: 'InvalidParameterValue' },
          { Id: '2', SenderFault: false, Code: 'InternalError' },
        ],
      }),
    });
    expect((await send(many(5))).map(said)).toEqual(['x', 'OperationalError', 'again', 'again', '']);
  });

  it('of nothing at all accepts nothing', async () => {
    const { send } = setUp({ sendMessageBatch: async () => ({}) });
    expect((await send(many(2))).map(said)).toEqual(['again', 'again']);
  });

  it('gives every message its own end, however SQS divides them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('taken', 'again', 'refused', 'silence', 'lost'), { maxLength: 35 }), async (ends) => {
        const endOf = (body: string) => ends[Number(body.slice(1))] ?? expect.fail(body);
        const { send } = setUp({
          sendMessageBatch: async (_url, entries) => {
            if (entries.some(({ MessageBody }) => endOf(MessageBody) === 'lost')) throw sdkError('TimeoutError');
            const of = (end: string) => entries.filter(({ MessageBody }) => endOf(MessageBody) === end);
            const failed = (SenderFault: boolean) => (entry: { Id: string }) => ({ Id: entry.Id, SenderFault, Code: 'X' });
            return { ...accepted(of('taken')), Failed: [...of('again').map(failed(false)), ...of('refused').map(failed(true))] };
          },
        });
        const receipts = await send(ends.map((_, at) => message(`m${at}`)));
        const expected = ends.map((end, at) => {
          const batch = ends.slice(at - (at % 10), at - (at % 10) + 10);
          if (batch.includes('lost')) return 'again';
          if (end === 'taken') return `id of m${at}`;
          return end === 'refused' ? 'OperationalError' : 'again';
        });
        expect(receipts.map(said)).toEqual(expected);
      }),
    );
  });
});

describe('a request that fails as a whole', () => {
  it('fails its messages and no others', async () => {
    const { api, send } = setUp();
    api.sendMessageBatch.mockRejectedValueOnce(sdkError('Error', { code: 'ECONNRESET' }));
    const ends = (await send(many(12))).map(said);
    expect(ends).toEqual([...Array.from({ length: 10 }, () => 'again'), 'id of m10', 'id of m11']);
  });

  it('because the queue is gone has its URL looked up anew next time', async () => {
    const { api, send } = setUp();
    await send([message('a')]);
    api.sendMessageBatch.mockRejectedValueOnce(sdkError('QueueDoesNotExist'));
    expect((await send([message('b')])).map(said)).toEqual(['QueueNotFound']);
    expect((await send([message('c')])).map(said)).toEqual(['id of c']);
    expect(api.getQueueUrl).toHaveBeenCalledTimes(2);
  });

  it('for any other reason keeps the URL', async () => {
    const { api, send } = setUp();
    api.sendMessageBatch.mockRejectedValueOnce(sdkError('ThrottlingException'));
    await send([message('a')]);
    await send([message('b')]);
    expect(api.getQueueUrl).toHaveBeenCalledOnce();
  });

  it('at the look-up fails that queue’s messages and no others', async () => {
    const { send } = setUp({
      getQueueUrl: async (name) => {
        if (name === 'p-q') throw sdkError('QueueDoesNotExist');
        return `https://sqs.test/1/${name}`;
      },
    });
    const batch = [message('a'), message('b', { queue: 'r' }), message('c', { queue: 'not a name' }), message('d')];
    expect((await send(batch)).map(said)).toEqual(['QueueNotFound', 'id of b', 'ImproperlyConfigured', 'QueueNotFound']);
  });
});

describe('sending to a FIFO queue', () => {
  const queue = 'q.fifo';

  it('refuses a message that cannot be weighed by itself', async () => {
    const { send } = setUp();
    const attributes = { n: { type: 'Number', value: 5 } } as never;
    const ends = await send([message('a', { queue }), message('b', { queue, attributes }), message('c', { queue })]);
    expect(ends.map(said)).toEqual(['id of a', 'EncodeError', 'id of c']);
  });

  it('makes one request after the other', async () => {
    let open = 0;
    const { send, requests } = setUp({
      sendMessageBatch: async (_url, entries) => {
        open += 1;
        expect(open).toBe(1);
        await new Promise(setImmediate);
        open -= 1;
        return accepted(entries);
      },
    });
    const receipts = await send(many(25, { queue }));
    expect(receipts.map(said)).toEqual(many(25).map(({ id }) => `id of ${id}`));
    expect(requests().flatMap(([, bodies]) => bodies)).toEqual(many(25).map(({ id }) => id));
  });

  it('holds back a group whose message has to be sent again, while other groups go on', async () => {
    const { api, send, requests } = setUp();
    const of = (group: string, count: number) => many(count, { queue, messageGroupId: group }).map((m) => ({ ...m, body: group + m.id }));
    api.sendMessageBatch.mockImplementationOnce(async (_url, entries) => ({
      ...accepted(entries.slice(0, 9)),
      Failed: [{ Id: '9', SenderFault: false, Code: 'InternalError' }],
    }));
    const ends = (await send([...of('a', 12), ...of('b', 1), ...of('a', 20)])).map(said);
    expect(ends.slice(0, 9).every((end) => end.startsWith('id of'))).toBe(true);
    expect(ends.slice(9, 12)).toEqual(['again', 'again', 'again']);
    expect(ends[12]).toBe('id of bm0');
    expect(ends.slice(13).every((end) => end === 'again')).toBe(true);
    expect(requests().map(([, bodies]) => bodies.length)).toEqual([10, 1]);
  });

  it('goes on behind a message that will never be taken', async () => {
    const { api, send } = setUp();
    api.sendMessageBatch.mockImplementationOnce(async (_url, entries) => ({
      ...accepted(entries.slice(1)),
      Failed: [{ Id: '0', SenderFault: true, Code: 'InvalidParameterValue' }],
    }));
    const ends = (await send(many(11, { queue }))).map(said);
    expect(ends).toEqual([
      'OperationalError',
      ...many(11)
        .slice(1)
        .map(({ id }) => `id of ${id}`),
    ]);
  });
});
