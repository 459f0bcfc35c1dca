import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { group } from '../../../src/canvas/group.ts';
import { NotAllSent, QueueNotFound } from '../../../src/errors.ts';
import { AsyncResult } from '../../../src/results/async-result.ts';
import type { Outgoing, Receipt } from '../../../src/transports/transport.ts';
import { accepted, createRecordingTransport } from '../../support/recording.ts';

function setUp(answer?: (message: Outgoing, call: number) => Receipt) {
  const transport = createRecordingTransport(answer);
  const app = createApp('shop', { transport });
  const add = app.task('tasks.add', (x: number, y: number) => x + y);
  return { app, add, transport };
}

const lost = (message: Outgoing): Receipt => ({ ok: false, error: new QueueNotFound(message.queue) });

async function failureOf(promise: Promise<unknown>): Promise<NotAllSent> {
  const error = await promise.then(
    () => expect.fail('all was sent'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotAllSent);
  return error as NotAllSent;
}

describe('sendTasks', () => {
  it('gives what sending each of them gives, in their order', async () => {
    const { app, add, transport } = setUp();
    const results = await app.sendTasks([add.s(1, 2), add.si(3, 4).set({ taskId: 'mine' }), app.signature<number>('other', [1])]);
    expect(results.every((result) => result instanceof AsyncResult)).toBe(true);
    expect(results.map(({ id }) => id)).toEqual(transport.sent.map(({ id }) => id));
    expect(results[1]!.id).toBe('mine');
  });

  it('sends canvases as well', async () => {
    const { app, add, transport } = setUp();
    const [gathered] = await app.sendTasks([group(add.s(1, 2), add.s(3, 4))]);
    expect(gathered!.results).toHaveLength(2);
    expect(transport.sent).toHaveLength(2);
  });

  it('takes no more from where they come than is under way', async () => {
    let open = 0;
    let most = 0;
    const { app, add } = setUp((message) => {
      open -= 1;
      return accepted(message);
    });
    async function* tasks() {
      for (let number = 0; number < 5000; number++) {
        open += 1;
        most = Math.max(most, open);
        yield add.s(number, 1);
      }
    }
    expect(await app.sendTasks(tasks())).toHaveLength(5000);
    expect(most).toBeLessThanOrEqual(1000);
  });

  it('gives nothing for nothing', async () => {
    expect(await setUp().app.sendTasks([])).toEqual([]);
  });

  it('says what was sent when something was not, and takes nothing more', async () => {
    const { app, add, transport } = setUp((message) => (message.queue === 'nowhere' ? lost(message) : accepted(message)));
    let taken = 0;
    function* tasks() {
      for (; taken < 5000; taken++) yield add.s(taken, 1).set({ queue: taken === 1 ? 'nowhere' : 'celery' });
    }
    const { sent, failures, cause, message } = await failureOf(app.sendTasks(tasks()));
    expect(taken).toBeLessThan(1001);
    expect(sent).toHaveLength(transport.sent.length);
    expect(sent[0]).toBeInstanceOf(AsyncResult);
    expect(sent[1]).toBeUndefined();
    expect(failures[1]).toBeInstanceOf(QueueNotFound);
    expect(cause).toBe(failures[1]);
    expect(message).toMatch(
      /^Of \d+ tasks 1 were not sent, and none after them was tried; the first: QueueNotFound: There is no queue 'nowhere'/,
    );
  });

  it('waits for those that are under way when what gives them fails', async () => {
    const { app, add, transport } = setUp();
    function* tasks() {
      yield add.s(1, 2);
      throw new Error('the file is broken');
    }
    const { sent, failures, message } = await failureOf(app.sendTasks(tasks()));
    expect(message).toBe('All 1 tasks that were given were sent; what gives them failed: Error: the file is broken');
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBeInstanceOf(AsyncResult);
    expect(transport.sent).toHaveLength(1);
    expect(failures[1]).toEqual(new Error('the file is broken'));
  });

  it('refuses what is no signature', async () => {
    const { app, add } = setUp();
    const { failures } = await failureOf(app.sendTasks([add as never]));
    expect(failures[0]).toEqual(
      expect.objectContaining({
        name: 'ImproperlyConfigured',
        message: "sendTasks takes signatures, like add.s(2, 2); found the task 'tasks.add': call its s().",
      }),
    );
  });
});
