import { describe, expect, it } from 'vitest';
import { createApp, internalsOf } from '../../../src/app/app.ts';
import type { Settings } from '../../../src/app/settings.ts';
import type { ChordStart, ResultBackend } from '../../../src/backends/backend.ts';
import { createMemoryBackend } from '../../../src/backends/memory.ts';
import type { Plan, PlannedTask } from '../../../src/canvas/plan.ts';
import { BackendStoreError, ImproperlyConfigured, OperationalError } from '../../../src/errors.ts';
import type { Outgoing, Receipt } from '../../../src/transports/transport.ts';
import { createCodecs } from '../../../src/wire/codecs.ts';
import { readMessage } from '../../../src/wire/protocol-read.ts';
import { createFakeClock, NOON } from '../../support/fake-clock.ts';
import { accepted, createRecordingTransport, refused, throttled } from '../../support/recording.ts';

const open = ({ body }: Outgoing) => readMessage(body, { codecs: createCodecs({}) });

const planned = (task: string, options: PlannedTask['options'] = {}): PlannedTask => ({
  task,
  args: [],
  kwargs: {},
  options: { task_id: `id-${task}`, ...options },
});
const planOfTasks = (...tasks: readonly PlannedTask[]): Plan => ({ chords: [], tasks, result: [['r', null], null], children: [] });
const body = { ...planned('tasks.sum', { queue: 'sums', priority: 4 }), subtask_type: null, immutable: false };
const withChord: Plan = {
  ...planOfTasks(planned('tasks.add', { group_id: 'g', group_index: 0, chord: body })),
  chords: [{ groupId: 'g', size: 1, header: [['g', null], [[['id-tasks.add', null], null]]], body }],
};

interface Given {
  readonly backend?: ResultBackend;
  readonly answer?: (message: Outgoing, call: number) => Receipt;
  readonly settings?: Partial<Settings>;
}

function setUp({ backend, answer = accepted, settings = {} }: Given = {}) {
  const transport = createRecordingTransport(answer);
  const clock = createFakeClock(NOON, { autoAdvance: true });
  const app = createApp('shop', { taskPublishRetryPolicy: { maxRetries: 1 }, ...settings }).connect({
    transport,
    clock,
    ...(backend && { backend }),
  });
  app.task('tasks.add', { queue: 'adding', priority: 3 }, (x: number, y: number) => x + y);
  const publish = async (plan: Plan) => (await internalsOf(app).publisher()).publishPlan(plan);
  return { app, transport, publish };
}

/** A backend that counts chords, and writes down what it was told. */
function countingBackend(begin: (chord: ChordStart) => Promise<void> = async () => {}) {
  const begun: ChordStart[] = [];
  const chords = {
    async begin(chord: ChordStart) {
      begun.push(chord);
      await begin(chord);
    },
  };
  return { begun, backend: { ...createMemoryBackend(), chords } as unknown as ResultBackend };
}

describe('the tasks of a plan', () => {
  it('are sent in one request, in order, with what their options say', async () => {
    const { publish, transport } = setUp();
    await publish(
      planOfTasks(planned('a', { root_id: 'r', parent_id: 'p', chain: [body] }), planned('b', { countdown: 10 }), planned('c')),
    );
    expect(transport.calls()).toBe(1);
    expect(transport.sent.map((message) => open(message).headers.id)).toEqual(['id-a', 'id-b', 'id-c']);
    expect(open(transport.sent[0]!)).toMatchObject({
      headers: { root_id: 'r', parent_id: 'p' },
      embed: { chain: [{ task: 'tasks.sum' }] },
    });
    expect(transport.sent[1]).toMatchObject({ delaySeconds: 10 });
  });

  it('have the defaults of a task that is registered here', async () => {
    const { publish, transport } = setUp();
    await publish(planOfTasks(planned('tasks.add'), planned('elsewhere')));
    expect(transport.sent.map(({ queue }) => queue)).toEqual(['adding', 'celery']);
    expect(open(transport.sent[0]!).properties.priority).toBe(3);
  });

  it('go where the task of a map is routed to', async () => {
    const { publish, transport } = setUp({ settings: { taskRoutes: { 'images.*': 'pictures' } } });
    await publish(planOfTasks(planned('celery.map', { route_name: 'images.resize' }), planned('celery.map')));
    expect(transport.sent.map(({ queue }) => queue)).toEqual(['pictures', 'celery']);
    expect(open(transport.sent[0]!).properties).not.toHaveProperty('route_name');
  });

  it('are sent again where that may help, the refused ones alone', async () => {
    const { publish, transport } = setUp({
      answer: (message, call) => (message.id === 'id-b' && call === 1 ? throttled() : accepted(message)),
    });
    await publish(planOfTasks(planned('a'), planned('b')));
    expect(transport.sent.map(({ id }) => id)).toEqual(['id-a', 'id-b', 'id-b']);
  });

  it('keep to the retry policy that one of them brings', async () => {
    const { publish, transport } = setUp({ answer: (message) => (message.id === 'id-b' ? throttled() : accepted(message)) });
    await expect(publish(planOfTasks(planned('a'), planned('b', { retry: false })))).rejects.toThrow(OperationalError);
    expect(transport.sent.map(({ id }) => id).sort()).toEqual(['id-a', 'id-b']);
  });

  it('reject together when one is refused, the others being sent', async () => {
    const { publish, transport } = setUp({ answer: (message) => (message.id === 'id-a' ? refused() : accepted(message)) });
    await expect(publish(planOfTasks(planned('a'), planned('b')))).rejects.toThrow(OperationalError);
    expect(transport.sent).toHaveLength(2);
  });

  it('leave nothing behind when one cannot be written', async () => {
    const { begun, backend } = countingBackend();
    const { publish, transport } = setUp({ backend });
    const impossible = { ...planned('b'), args: [new Map()] };
    await expect(publish({ ...withChord, tasks: [...withChord.tasks, impossible] })).rejects.toThrow('args[0]');
    expect([begun, transport.sent]).toEqual([[], []]);
  });

  it('that take more than 67 108 864 characters are refused, and nothing is noted or sent', async () => {
    const { begun, backend } = countingBackend();
    const { publish, transport } = setUp({ backend });
    const large = (size: number) => ({ ...planned('b'), args: ['x'.repeat(size)] });
    // Twice in base64: sixteen ninths of it.
    const tasks = Array.from({ length: 19 }, () => large(2_000_000));
    await expect(publish({ ...withChord, tasks: [...withChord.tasks, ...tasks] })).rejects.toMatchObject({
      name: 'EncodeError',
      message: expect.stringContaining('67108864 characters'),
    });
    expect([begun, transport.sent]).toEqual([[], []]);
    await publish({ ...withChord, tasks: tasks.slice(1) });
    expect(transport.sent).toHaveLength(18);
  });

  it('are told to observers one by one', async () => {
    const { app, publish } = setUp({ answer: (message) => (message.id === 'id-b' ? refused() : accepted(message)) });
    const seen: string[] = [];
    app.on('beforeTaskPublish', ({ task }) => void seen.push(`before ${task}`));
    app.on('afterTaskPublish', ({ task }) => void seen.push(`after ${task}`));
    await publish(planOfTasks(planned('a'), planned('b'))).catch(() => {});
    expect(seen).toEqual(['before a', 'before b', 'after a']);
  });
});

describe('the chords of a plan', () => {
  it('are noted before anything is sent', async () => {
    const { begun, backend } = countingBackend();
    const { publish, transport } = setUp({ backend });
    await publish(withChord);
    expect(begun).toEqual([{ groupId: 'g', size: 1, header: withChord.chords[0]!.header, expiresSeconds: 86_400 }]);
    expect(transport.sent.map((message) => open(message).headers.task)).toEqual(['tasks.add']);
  });

  it('keep their header from being sent when they could not be noted', async () => {
    const { backend } = countingBackend(() => Promise.reject(new BackendStoreError('away')));
    const { publish, transport } = setUp({ backend });
    await expect(publish(withChord)).rejects.toThrow(BackendStoreError);
    expect(transport.sent).toEqual([]);
  });

  it('are watched by celery.chord_unlock where the backend does not count', async () => {
    const { chords: _, ...backend } = createMemoryBackend() as ResultBackend;
    const { publish, transport } = setUp({ backend });
    await publish({ ...withChord, chords: [{ ...withChord.chords[0]!, interval: 5, maxRetries: 7 }] });
    await publish(withChord);
    expect(transport.sent[0]).toMatchObject({ queue: 'sums', delaySeconds: 1 });
    expect(open(transport.sent[0]!)).toMatchObject({
      headers: { task: 'celery.chord_unlock', id: 'g-unlock', ignore_result: true },
      properties: { priority: 4 },
      args: ['g', { task: 'tasks.sum', options: { task_id: 'id-tasks.sum' } }],
      kwargs: { interval: 5, max_retries: 7, result: [[['id-tasks.add', null], null]] },
    });
    expect(open(transport.sent[2]!)).toMatchObject({ headers: { id: 'g-unlock' }, kwargs: { interval: null, max_retries: null } });
  });

  it('are refused without a backend, and nothing is sent', async () => {
    const { publish, transport } = setUp();
    await expect(publish(withChord)).rejects.toThrow(ImproperlyConfigured);
    expect(transport.sent).toEqual([]);
  });
});
