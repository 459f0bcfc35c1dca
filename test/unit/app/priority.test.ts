import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app/app.ts';
import { queueForPriority } from '../../../src/app/priority.ts';
import { createRecordingTransport } from '../../support/recording.ts';

const LEVELS = { celery: { 9: 'celery.urgent', 4: 'celery.high' } };

describe('queues for priorities', () => {
  it.each([
    [undefined, 'celery'],
    [0, 'celery'],
    [3, 'celery'],
    [4, 'celery.high'],
    [8, 'celery.high'],
    [9, 'celery.urgent'],
    [10, 'celery.urgent'],
  ])('for %s choose %s', (priority, queue) => {
    expect(queueForPriority('celery', priority, LEVELS)).toBe(queue);
  });

  it('leave queues without levels alone, whatever they are called', () => {
    expect(queueForPriority('mail', 9, LEVELS)).toBe('mail');
    expect(queueForPriority('constructor', 9, LEVELS)).toBe('constructor');
  });

  it('are chosen when a task is sent, by call, task or default', async () => {
    const transport = createRecordingTransport();
    const app = createApp('shop', { taskPriorityQueues: LEVELS, taskDefaultPriority: 4 }).connect({ transport });
    await app.sendTask('a', [], { priority: 9 });
    await app.sendTask('a', [], { priority: 0 });
    await app.task('b', { priority: 9 }, () => 1).delay();
    await app.sendTask('a');
    expect(transport.sent.map(({ queue }) => queue)).toEqual(['celery.urgent', 'celery', 'celery.urgent', 'celery.high']);
  });
});
