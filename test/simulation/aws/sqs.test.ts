/** The simulated SQS where the transport suite does not look: dead letters, duplicates, order, time, and what Lambda's mapping does. */

import { describe, expect, it } from 'vitest';
import { createSimSqs, type SimQueueDefinition, type SimSqsEvent, type SimSqsOptions } from './index.ts';
import { createEnv, thrownBy } from './worlds.ts';

const QUEUE: SimQueueDefinition = { name: 'q', visibilitySeconds: 30 };

function make(
  more: Partial<SimSqsOptions> & { readonly queue?: Partial<SimQueueDefinition>; readonly chances?: number | readonly number[] } = {},
) {
  const env = createEnv(more.chances);
  const events: SimSqsEvent[] = [];
  const observe = (event: SimSqsEvent): void => void events.push(event);
  const sqs = createSimSqs(env, { queues: [{ ...QUEUE, ...more.queue }], observe, ...more });
  const send = (body: string, group?: string): string => sqs.put('q', { body, ...(group !== undefined && { group, dedupId: body }) });
  const bodies = (max = 10): readonly string[] => sqs.receive('q', max).map(({ body }) => body);
  const states = (queue = 'q'): readonly string[] => sqs.messages(queue).map(({ state }) => state);
  return { env, sqs, send, bodies, states, kinds: () => events.map(({ kind }) => kind) };
}

/** The queue above as a FIFO one. */
const fifo = { fifo: true } as const;

describe('a simulated queue', () => {
  it('takes a message through its states', () => {
    const { env, sqs, states, kinds } = make();
    sqs.put('q', { body: 'b', delaySeconds: 900 });
    expect(states()).toEqual(['delayed']);
    expect(sqs.nextEventMs()).toBe(env.now() + 900_000);
    env.pass(900);
    expect([states(), sqs.visible('q'), sqs.nextEventMs()]).toEqual([['ready'], 1, undefined]);
    const [received] = sqs.receive('q', 1);
    expect([states(), sqs.nextEventMs('q')]).toEqual([['inFlight'], env.now() + 30_000]);
    expect([sqs.delete(received!.receiptHandle), sqs.delete(received!.receiptHandle), states()]).toEqual([true, false, ['deleted']]);
    expect(kinds()).toEqual(['sent', 'received', 'deleted']);
  });

  it('shows a message to Lambda as Lambda does', () => {
    const { env, sqs } = make();
    const attributes = { n: { DataType: 'Number', StringValue: '1' }, b: { DataType: 'Binary', BinaryValue: Uint8Array.of(1) } };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } };
    const input = {
      QueueUrl: sqs.url('q'),
      MessageBody: 'b',
      MessageGroupId: 'tenant',
      MessageAttributes: attributes,
      MessageSystemAttributes,
    };
    const { MessageId } = sqs.handle('SendMessage', input) as { MessageId: string };
    expect(sqs.receive('q', 10)).toEqual([
      {
        messageId: MessageId,
        receiptHandle: expect.any(String),
        body: 'b',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: String(env.now()),
          SenderId: expect.any(String),
          ApproximateFirstReceiveTimestamp: String(env.now()),
          MessageGroupId: 'tenant',
          AWSTraceHeader: 'Root=1',
        },
        messageAttributes: { n: { dataType: 'Number', stringValue: '1' }, b: { dataType: 'Binary', binaryValue: 'AQ==' } },
        eventSource: 'aws:sqs',
        eventSourceARN: sqs.arn('q'),
        awsRegion: 'us-east-1',
      },
    ]);
  });

  it('moves a message when it would be received once too often, under its id', () => {
    const queues = [
      { ...QUEUE, maxReceiveCount: 2, deadLetterQueue: 'dead' },
      { name: 'dead', visibilitySeconds: 30 },
    ];
    const { env, sqs, send, bodies, states, kinds } = make({ queues });
    const id = send('b');
    for (const _ of [1, 2]) {
      expect(bodies()).toEqual(['b']);
      env.pass(30);
    }
    expect([bodies(), states(), states('dead')]).toEqual([[], ['moved'], ['ready']]);
    const [dead] = sqs.receive('dead', 1);
    expect(dead).toMatchObject({ messageId: id, attributes: { ApproximateReceiveCount: '3', DeadLetterQueueSourceArn: sqs.arn('q') } });
    expect(kinds()).toEqual(['sent', 'received', 'received', 'moved', 'sent', 'received']);
  });

  it('keeps a message for 14 days', () => {
    const { env, send, bodies, states } = make();
    send('b');
    env.pass(14 * 86_400 - 1);
    expect(bodies()).toEqual(['b']);
    env.pass(1);
    expect([bodies(), states()]).toEqual([[], ['expired']]);
  });

  it('gives a message back when its visibility is set to 0, counting, and refuses one that is not in flight', () => {
    const { env, sqs, send, kinds } = make();
    send('b');
    const { receiptHandle } = sqs.receive('q', 1)[0]!;
    expect([sqs.setVisibility(receiptHandle, 0), sqs.setVisibility(receiptHandle, 5)]).toEqual([true, false]);
    const [again] = sqs.receive('q', 1);
    expect(again!.attributes.ApproximateReceiveCount).toBe('2');
    const hide =
      (seconds: number, receipt = again!.receiptHandle) =>
      () =>
        sqs.handle('ChangeMessageVisibility', { QueueUrl: sqs.url('q'), ReceiptHandle: receipt, VisibilityTimeout: seconds });
    expect(thrownBy(hide(5, receiptHandle))?.name).toBe('MessageNotInflight');
    expect(thrownBy(hide(43_201))?.name).toBe('InvalidParameterValue');
    expect(thrownBy(hide(5, 'nobody’s'))?.name).toBe('ReceiptHandleIsInvalid');
    env.pass(10);
    expect(thrownBy(hide(43_195))?.message).toMatch(/beyond the limit/);
    expect(thrownBy(hide(43_190))).toBeUndefined();
    expect(kinds()).toEqual(['sent', 'received', 'returned', 'received']);
  });

  it('may delete by a receipt that has run out, or not', () => {
    const outcome = (chances: readonly number[]) => {
      const { env, sqs, send, states } = make({ chances });
      send('b');
      const [{ receiptHandle } = expect.fail()] = sqs.receive('q', 1);
      env.pass(30);
      sqs.receive('q', 1);
      return [sqs.delete(receiptHandle), ...states()];
    };
    expect([outcome([0.4]), outcome([0.6])]).toEqual([
      [false, 'inFlight'],
      [true, 'deleted'],
    ]);
  });

  it('delivers some messages once more after they were deleted, and then never again', () => {
    const { env, sqs, send, states } = make({ duplicates: 0.5, chances: [0.1, 0.9, 0.5] });
    const id = send('b');
    const first = sqs.receive('q', 1)[0]!;
    expect([sqs.delete(first.receiptHandle), states(), sqs.messages('q')[0]!.ghost]).toEqual([true, ['delayed'], true]);
    env.pass(15);
    const second = sqs.receive('q', 1)[0]!;
    expect([second.messageId, second.attributes.ApproximateReceiveCount]).toEqual([id, '2']);
    expect([sqs.delete(second.receiptHandle), states()]).toEqual([true, ['deleted']]);
    env.pass(1000);
    expect(sqs.receive('q', 1)).toEqual([]);
  });

  it('delivers some messages once more while somebody has them', () => {
    const { env, sqs, send } = make({ duplicates: 0.5, chances: [0.1, 0.1, 0.2] });
    send('b');
    expect(sqs.receive('q', 1)).toHaveLength(1);
    env.pass(6);
    expect(sqs.receive('q', 1)).toHaveLength(1);
    env.pass(29);
    expect(sqs.receive('q', 1)).toEqual([]);
  });

  it('reorders where it may', () => {
    const sent = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const order = (reorder: boolean, queue: Partial<SimQueueDefinition> = {}, group?: string) => {
      const { send, bodies } = make({ reorder, queue, chances: 3 });
      for (const body of sent) send(body, group);
      return bodies();
    };
    expect(order(false)).toEqual(sent);
    expect(order(true)).not.toEqual(sent);
    expect([...order(true)].sort()).toEqual(sent);
    expect(order(true, fifo, 'g')).toEqual(sent);
  });

  it('gives nothing of a FIFO group of which anything is in flight', () => {
    const { env, sqs, send, bodies } = make({ queue: fifo });
    for (const body of ['a1', 'a2', 'b1', 'a3']) send(body, body[0]);
    const [a1, a2] = sqs.receive('q', 2);
    expect([a1!.body, a2!.body]).toEqual(['a1', 'a2']);
    expect(a1!.attributes.SequenceNumber! < a2!.attributes.SequenceNumber!).toBe(true);
    sqs.setVisibility(a1!.receiptHandle, 0);
    expect([sqs.visible('q'), bodies()]).toEqual([1, ['b1']]);
    expect(bodies()).toEqual([]);
    sqs.delete(a2!.receiptHandle);
    expect(bodies()).toEqual(['a1', 'a3']);
    env.pass(30);
    expect(bodies()).toEqual(['a1', 'b1', 'a3']);
  });

  it('numbers FIFO messages in the order sent', () => {
    const { sqs, send } = make({ queue: fifo });
    for (let at = 0; at < 12; at += 1) send(`b${at}`, 'g');
    const numbers = [...sqs.receive('q', 10), ...sqs.receive('q', 10)].map(({ attributes }) => attributes.SequenceNumber ?? '');
    expect(numbers.toSorted()).toEqual(numbers);
    expect(numbers.every((number) => number.length === 20)).toBe(true);
  });

  it('refuses a FIFO receipt whose time has run out', () => {
    const { env, sqs, send } = make({ queue: fifo });
    send('b', 'g');
    const { receiptHandle } = sqs.receive('q', 1)[0]!;
    env.pass(30);
    expect(sqs.delete(receiptHandle)).toBe(false);
    const remove = () => sqs.handle('DeleteMessage', { QueueUrl: sqs.url('q'), ReceiptHandle: receiptHandle });
    expect(thrownBy(remove)?.message).toMatch(/receipt handle has expired/);
  });

  it('deduplicates for five minutes, also what was deleted, and by content where it is told to', () => {
    const { env, sqs, send, states } = make({ queue: fifo });
    const id = send('b', 'g');
    sqs.delete(sqs.receive('q', 1)[0]!.receiptHandle);
    env.pass(299);
    expect([send('b', 'g'), states()]).toEqual([id, ['deleted']]);
    env.pass(1);
    expect(send('b', 'g')).not.toBe(id);

    const without = () => sqs.put('q', { body: 'c', group: 'g' });
    expect(thrownBy(without)).toMatchObject({ name: 'InvalidParameterValue', $fault: 'client', $metadata: { httpStatusCode: 400 } });
    const byContent = make({ queue: { ...fifo, contentBasedDeduplication: true } }).sqs;
    expect(byContent.put('q', { body: 'c', group: 'g' })).toBe(byContent.put('q', { body: 'c', group: 'h' }));
  });

  it('delays every message of a queue that does', () => {
    const { env, send, bodies } = make({ queue: { delaySeconds: 5 } });
    send('b');
    expect(bodies()).toEqual([]);
    env.pass(5);
    expect(bodies()).toEqual(['b']);
  });
});

describe('the requests of SQS', () => {
  const entry = (Id: string, MessageBody = 'b', more: object = {}) => ({ Id, MessageBody, ...more });

  it('fail in part', () => {
    const { sqs, states } = make({ failEntry: (_queue, body) => (body === 'mine' ? 'sender' : body === 'yours' ? 'server' : undefined) });
    const Entries = [entry('0'), entry('1', 'mine'), entry('2', 'yours'), entry('3', 'b', { DelaySeconds: 901 }), entry('4', '')];
    const answer = sqs.handle('SendMessageBatch', { QueueUrl: sqs.url('q'), Entries });
    expect(answer).toMatchObject({
      Successful: [{ Id: '0', MessageId: sqs.messages('q')[0]!.messageId }],
      Failed: [
        { Id: '1', SenderFault: true, Code: 'InvalidParameterValue' },
        { Id: '2', SenderFault: false, Code: 'InternalError' },
        { Id: '3', SenderFault: true, Code: 'InvalidParameterValue' },
        { Id: '4', SenderFault: true, Code: 'MissingParameter' },
      ],
    });
    expect(states()).toEqual(['ready']);
  });

  it.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, at) => entry(String(at)))],
    ['BatchEntryIdsNotDistinct', [entry('0'), entry('0')]],
    ['InvalidBatchEntryId', [entry('a b')]],
    ['BatchRequestTooLong', [entry('0', 'x'.repeat(600_000)), entry('1', 'x'.repeat(600_000))]],
  ])('are refused whole: %s', (name, Entries) => {
    const { sqs, states } = make();
    expect(thrownBy(() => sqs.handle('SendMessageBatch', { QueueUrl: sqs.url('q'), Entries }))?.name).toBe(name);
    expect(states()).toEqual([]);
  });

  it.each([
    ['no body', {}],
    ['1 MiB and more', { MessageBody: 'x'.repeat(1_048_577) }],
    ['a character of no XML', { MessageBody: '\u{0}' }],
    ['a lone surrogate', { MessageBody: '\ud800' }],
    ['a group with a space', { MessageBody: 'b', MessageGroupId: 'a b' }],
    ['a deduplication id on a standard queue', { MessageBody: 'b', MessageDeduplicationId: 'd' }],
    ['an attribute of a reserved name', { MessageBody: 'b', MessageAttributes: { 'AWS.x': { DataType: 'String', StringValue: 's' } } }],
    ['an attribute without type', { MessageBody: 'b', MessageAttributes: { x: { StringValue: 's' } } }],
    ['an empty attribute', { MessageBody: 'b', MessageAttributes: { x: { DataType: 'Binary', BinaryValue: new Uint8Array() } } }],
    ['an attribute that is no number', { MessageBody: 'b', MessageAttributes: { x: { DataType: 'Number', StringValue: 'one' } } }],
    [
      'eleven attributes',
      {
        MessageBody: 'b',
        MessageAttributes: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`a${at}`, { DataType: 'String', StringValue: 's' }])),
      },
    ],
  ])('refuse a message with %s', (_what, more) => {
    const { sqs } = make();
    expect(thrownBy(() => sqs.handle('SendMessage', { QueueUrl: sqs.url('q'), ...more }))?.$fault).toBe('client');
  });

  it.each([
    ['a delay', { MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 1 }],
    ['no group', { MessageDeduplicationId: 'd' }],
  ])('refuse a FIFO message with %s', (_what, more) => {
    const { sqs } = make({ queue: fifo });
    expect(thrownBy(() => sqs.handle('SendMessage', { QueueUrl: sqs.url('q'), MessageBody: 'b', ...more }))?.$fault).toBe('client');
  });

  it('receive, hide and delete several at once', () => {
    const { sqs, send, states } = make();
    for (const body of ['a', 'b']) send(body);
    const QueueUrl = sqs.url('q');
    const { Messages } = sqs.handle('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 }) as { Messages: { ReceiptHandle: string }[] };
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle, VisibilityTimeout: 0 }));
    expect(sqs.handle('ChangeMessageVisibilityBatch', { QueueUrl, Entries })).toEqual({ Successful: [{ Id: '0' }, { Id: '1' }] });
    const more = [...Entries, { Id: '2', ReceiptHandle: 'nobody’s' }];
    expect(sqs.handle('DeleteMessageBatch', { QueueUrl, Entries: more })).toMatchObject({
      Successful: [{ Id: '0' }, { Id: '1' }],
      Failed: [{ Id: '2', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }],
    });
    expect(states()).toEqual(['deleted', 'deleted']);
    expect(sqs.handle('ReceiveMessage', { QueueUrl })).toEqual({});
    expect(thrownBy(() => sqs.handle('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 11 }))?.name).toBe('InvalidParameterValue');
  });

  it('tell of a queue, and of none', () => {
    const queues = [
      { ...QUEUE, maxReceiveCount: 2, deadLetterQueue: 'dead' },
      { name: 'dead', visibilitySeconds: 30 },
    ];
    const { sqs, send } = make({ queues });
    for (const body of ['a', 'b', 'c']) send(body);
    sqs.put('q', { body: 'd', delaySeconds: 1 });
    sqs.receive('q', 1);
    expect(sqs.handle('GetQueueUrl', { QueueName: 'q' })).toEqual({ QueueUrl: sqs.url('q') });
    expect(sqs.handle('GetQueueAttributes', { QueueUrl: sqs.url('q') })).toMatchObject({
      Attributes: {
        ApproximateNumberOfMessages: '2',
        ApproximateNumberOfMessagesNotVisible: '1',
        ApproximateNumberOfMessagesDelayed: '1',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: sqs.arn('dead'), maxReceiveCount: 2 }),
      },
    });
    expect(sqs.queues).toEqual(['q', 'dead']);
    expect(thrownBy(() => sqs.handle('GetQueueUrl', { QueueName: 'x' }))).toMatchObject({ name: 'QueueDoesNotExist', $fault: 'client' });
  });
});
