import { expect, it } from 'vitest';
import { createPlan, type End, type Planned } from '../../../infra/demo/plan.ts';
import { readRecorded } from '../../../infra/demo/recorded.ts';
import { declareTasks } from '../../../infra/demo/tasks.ts';
import { createApp, type Outgoing } from '../../../src/index.ts';
import { createCodecs, readMessage } from '../../../src/wire/index.ts';
import { thrownBy } from '../../support/messages.ts';
import { createRecordingTransport } from '../../support/recording.ts';

const codecs = createCodecs();

const bodyOf = ({ order }: Planned): string => (order.via === 'sqs' ? order.message.MessageBody : '');

const describeEnd = (end: End): string => {
  const text = 'why' in end ? `${end.kind} ${end.why}` : end.kind;
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

it('what is sent through the app has the name that the table shows', async () => {
  const transport = createRecordingTransport();
  const tasks = declareTasks(createApp('demo', { transport }));
  for (const { order, task } of createPlan([])) {
    if (order.via !== 'app') continue;
    const { id } = await order.send(tasks);
    const sent = transport.sent.at(-1) as Outgoing;
    expect(readMessage(sent.body, { codecs }).headers).toMatchObject({ id, task });
  }
  expect(transport.sent.length).toBeGreaterThan(50);
});
