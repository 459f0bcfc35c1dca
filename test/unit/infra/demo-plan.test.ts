import { describe, expect, it } from 'vitest';
import { createPlan, type End, type Planned } from '../../../infra/demo/plan.ts';
import { readRecorded } from '../../../infra/demo/recorded.ts';
import { declareTasks } from '../../../infra/demo/tasks.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import { createApp } from '../../../src/index.ts';
import { createCodecs, readMessage, type TaskMessage } from '../../../src/wire/index.ts';
import { thrownBy } from '../../support/messages.ts';
import { createRecordingTransport } from '../../support/recording.ts';

const codecs = createCodecs();

const bodyOf = ({ order }: Planned): string => (order.via === 'sqs' ? order.message.MessageBody : '');

const describeEnd = (end: End): string => {
  const text = 'why' in end ? `${end.kind} ${end.why}` : end.kind;
  if ('result' in end) return `${text} with ${String(end.result)}`;
  return 'deadLetter' in end ? `${text}, dead letter ${end.deadLetter}` : text;
};

it('the plan has every kind of end', async () => {
  const plan = createPlan(await readRecorded());
  const ends = new Set(plan.map(({ expected }) => describeEnd(expected)));
  expect([...ends].toSorted()).toEqual([
    'dead after 5 receives',
    'dead content-disallowed',
    'dead not-json',
    'dead unknown-compression',
    'expired',
    'failed Error',
    'failed Error, dead letter failed',
    'failed TypeError',
    'succeeded',
    'succeeded with 90',
  ]);
});

it('recorded messages are of several versions, differ in id and body, and none has a time that passes', async () => {
  const recorded = await readRecorded();
  expect(new Set(recorded.map(({ id }) => id)).size).toBe(recorded.length);
  expect(new Set(recorded.map(({ message }) => message.MessageBody)).size).toBe(recorded.length);
  expect(new Set(recorded.map(({ version }) => version))).toEqual(new Set(['5.6.3', '5.2.6']));
  const runnable = recorded.filter(({ fate }) => typeof fate === 'string');
  expect(runnable.length).toBeGreaterThanOrEqual(20);
  for (const { task, id, message } of runnable) {
    const { headers } = readMessage(message.MessageBody, { codecs });
    expect(headers).toMatchObject({ task, id });
    expect([headers.eta ?? null, headers.expires ?? null]).toEqual([null, null]);
    expect(message).not.toHaveProperty('DelaySeconds');
    expect(message).not.toHaveProperty('QueueUrl');
  }
});

it('messages to be refused are refused with the code that is expected', async () => {
  const refused = createPlan(await readRecorded()).filter(({ expected, order }) => expected.kind === 'dead' && order.via === 'sqs');
  expect(refused).toHaveLength(4);
  for (const planned of refused) {
    expect(planned.expected).toEqual({ kind: 'dead', why: thrownBy(() => readMessage(bodyOf(planned), { codecs })).code });
  }
});

describe('what is sent', () => {
  const transport = createRecordingTransport();
  const tasks = declareTasks(createApp('demo', { transport, backend: createMemoryBackend() }));
  const idOf = async ({ order }: Planned): Promise<string> => (order.via === 'sqs' ? order.id : (await order.send(tasks)).id);
  const sentAs = (id: string): TaskMessage => readMessage(transport.sent.find((message) => message.id === id)!.body, { codecs });

  it('through the app has the name that the table shows', async () => {
    const ids = new Set<string>();
    for (const planned of createPlan([]).filter(({ order }) => order.via === 'app')) {
      const id = await idOf(planned);
      expect(sentAs(id).headers).toMatchObject({ id, task: planned.task });
      ids.add(id);
    }
    expect(ids.size).toBeGreaterThan(60);
    expect(transport.sent.map(({ id }) => id).toSorted()).toEqual([...ids].toSorted());
  });

  it('by the worker is the body of the chord whose header the app sends, once, however many rows it has', async () => {
    const plan = createPlan([]);
    const before = transport.sent.length;
    const [body, ...others] = plan.filter(({ order }) => order.via === 'worker');
    expect(others).toEqual([]);
    const id = await idOf(body!);
    const header = plan.filter(({ group }) => group === 'chord');
    expect(header).toHaveLength(10);
    for (const part of header) {
      expect(sentAs(await idOf(part)).embed.chord).toMatchObject({ task: body!.task, options: { task_id: id } });
    }
    expect(transport.sent.length - before).toBe(10);
  });
});
