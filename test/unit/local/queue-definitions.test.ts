import { expect, it } from 'vitest';
import {
  checkQueueDefinitions,
  isFifo,
  type QueueDefinition,
  toQueueArn,
  toQueueAttributes,
} from '../../../src/local/queue-definitions.ts';

it('a queue takes the defaults of SQS', () => {
  expect(toQueueAttributes({ name: 'celery' }, 'us-east-1')).toEqual({ VisibilityTimeout: '30', DelaySeconds: '0' });
});

it('a FIFO queue with a redrive policy is written as SQS reads it', () => {
  const queue: QueueDefinition = {
    name: 'orders.fifo',
    visibilityTimeoutSeconds: 60,
    delaySeconds: 5,
    redrive: { deadLetterQueue: 'dead.fifo', maxReceiveCount: 10 },
  };
  checkQueueDefinitions([queue, { name: 'dead.fifo', fifo: true }]);
  expect(toQueueAttributes(queue, 'eu-west-1')).toEqual({
    VisibilityTimeout: '60',
    DelaySeconds: '5',
    FifoQueue: 'true',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: toQueueArn('dead.fifo', 'eu-west-1'), maxReceiveCount: 10 }),
  });
});

it('the name tells whether a queue is FIFO', () => {
  expect(isFifo({ name: 'a.fifo' })).toBe(true);
  expect(isFifo({ name: 'a' })).toBe(false);
});

it.each<[string, QueueDefinition[], RegExp]>([
  ['a bad name', [{ name: 'no spaces' }], /'no spaces' is no queue name/],
  ['an empty name', [{ name: '.fifo' }], /is no queue name/],
  ['a long name', [{ name: `${'a'.repeat(78)}.fifo` }], /is no queue name/],
  ['a FIFO queue without the suffix', [{ name: 'a', fifo: true }], /has fifo: true/],
  ['a standard queue with the suffix', [{ name: 'a.fifo', fifo: false }], /has fifo: false/],
  ['two queues of one name', [{ name: 'a' }, { name: 'a' }], /'a' is defined twice/],
  ['a visibility timeout over twelve hours', [{ name: 'a', visibilityTimeoutSeconds: 43_201 }], /visibilityTimeoutSeconds: 43201/],
  ['a fraction of a second', [{ name: 'a', visibilityTimeoutSeconds: 0.5 }], /visibilityTimeoutSeconds: 0.5/],
  ['a negative delay', [{ name: 'a', delaySeconds: -1 }], /delaySeconds: -1/],
  ['a missing dead-letter queue', [{ name: 'a', redrive: { deadLetterQueue: 'b', maxReceiveCount: 3 } }], /'b' of 'a' is not among/],
  [
    'a queue that is its own dead-letter queue',
    [{ name: 'a', redrive: { deadLetterQueue: 'a', maxReceiveCount: 3 } }],
    /'a' of 'a' is not among/,
  ],
  ['no receives at all', [{ name: 'a', redrive: { deadLetterQueue: 'b', maxReceiveCount: 0 } }, { name: 'b' }], /maxReceiveCount: 0/],
  [
    'a dead-letter queue of the other kind',
    [{ name: 'a', redrive: { deadLetterQueue: 'b.fifo', maxReceiveCount: 3 } }, { name: 'b.fifo' }],
    /of different kinds/,
  ],
])('%s is refused', (_, queues, complaint) => {
  expect(() => checkQueueDefinitions(queues)).toThrow(complaint);
  expect(() => checkQueueDefinitions(queues)).toThrow(expect.objectContaining({ name: 'ImproperlyConfigured' }));
});
