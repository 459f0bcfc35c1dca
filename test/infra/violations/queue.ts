/** What breaks the rules of queues. */

import { variable } from '../../support/template-properties.ts';
import { arn, asFifo, both, drop, env, MAPPING, READER, set, type Violation, violation, WORKER } from './planting.ts';

export const queueViolations: readonly Violation[] = [
  violation(
    'a message stays hidden for six time-outs of its function, and the window',
    'a time-out that was raised alone',
    set([`${WORKER}.Properties.Timeout`, 61]),
    `${MAPPING}: 360 s are less than 366`,
  ),
  violation(
    'a message stays hidden for six time-outs of its function, and the window',
    'a window',
    set([`${MAPPING}.Properties.MaximumBatchingWindowInSeconds`, 5]),
    `${MAPPING}: 360 s are less than 365`,
  ),
  violation(
    'queues are polled long',
    'short polling',
    set(['DeadLetterQueue.Properties.ReceiveMessageWaitTimeSeconds', 0]),
    'DeadLetterQueue: a receive waits 0 s',
  ),
  violation(
    'a message is moved to a dead-letter queue of its type, after five receives, on FIFO after ten',
    'a dead-letter queue of the other type',
    set(['DeadLetterQueue.Properties.FifoQueue', true]),
    `${MAPPING}: its dead-letter queue is of the other type`,
  ),
  violation(
    'a message is moved to a dead-letter queue of its type, after five receives, on FIFO after ten',
    'one receive',
    set(['CeleryQueue.Properties.RedrivePolicy.maxReceiveCount', 1], [env(READER, 'MAX_RECEIVE_COUNT'), '1']),
    `${MAPPING}: 1 receives are not 5`,
  ),
  violation(
    'a message is moved to a dead-letter queue of its type, after five receives, on FIFO after ten',
    'five receives on FIFO',
    both(asFifo, set(['CeleryQueue.Properties.RedrivePolicy.maxReceiveCount', 5], [env(READER, 'MAX_RECEIVE_COUNT'), '5'])),
    `${MAPPING}: 5 receives are not 10`,
  ),
  violation(
    'dead messages are kept fourteen days, and others ten at most',
    'a queue that keeps messages for fourteen days',
    set(['CeleryQueue.Properties.MessageRetentionPeriod', 1_209_600]),
    'CeleryQueue: 1209600 s are more than ten days',
  ),
  violation(
    'dead messages are kept fourteen days, and others ten at most',
    'a dead-letter queue of four days',
    set(['ScheduleDeadLetterQueue.Properties.MessageRetentionPeriod', 345_600]),
    'ScheduleDeadLetterQueue: 345600 s are not fourteen days',
  ),
  violation(
    'a dead-letter queue is for the queues that name it, and no other queue is for any',
    'a dead-letter queue for all queues',
    set(['DeadLetterQueue.Properties.RedriveAllowPolicy', { redrivePermission: 'allowAll' }]),
    `DeadLetterQueue: RedriveAllowPolicy is not ${JSON.stringify(byQueue('celery'))}`,
  ),
  violation(
    'a dead-letter queue is for the queues that name it, and no other queue is for any',
    'a queue that others may use for their dead',
    drop('CeleryQueue.Properties.RedriveAllowPolicy'),
    'CeleryQueue: RedriveAllowPolicy is not {"redrivePermission":"denyAll"}',
  ),
  violation(
    'a dead message is hidden for as long as its reader may run',
    'a reader that runs longer',
    set([`${READER}.Properties.Timeout`, 121]),
    `${READER}: may run longer than DeadLetterQueue hides a message`,
  ),
  violation(
    'the reader of dead letters knows after how many receives a message is dead',
    'another number in the environment',
    set([env(READER, 'MAX_RECEIVE_COUNT'), '3']),
    `${READER}: is told 3 receives`,
  ),
  violation(
    'queues are encrypted at rest',
    'a queue that is not',
    set(['DeadLetterQueue.Properties.SqsManagedSseEnabled', false]),
    'DeadLetterQueue: is not',
  ),
  violation(
    'what Scheduler could not send has a standard queue of its own',
    'a FIFO queue for it',
    set(['ScheduleDeadLetterQueue.Properties.FifoQueue', true]),
    `${WORKER}: Scheduler cannot put anything into a FIFO queue`,
    'EnqueueLambdaFunction: Scheduler cannot put anything into a FIFO queue',
  ),
  violation(
    'what Scheduler could not send has a standard queue of its own',
    'the dead letters of the queue among it',
    set([env(WORKER, 'SCHEDULE_DEAD_LETTER_ARN'), arn('DeadLetterQueue')]),
    `${WORKER}: it is the dead-letter queue of a queue as well`,
  ),
  violation(
    'failures are taken record by record',
    'no response type',
    drop(`${MAPPING}.Properties.FunctionResponseTypes`),
    `${MAPPING}: a failure gives the whole batch back`,
  ),
  violation(
    'batches are of ten, of more only with a window, on FIFO never',
    'a hundred without a window',
    set([`${MAPPING}.Properties.BatchSize`, 100]),
    `${MAPPING}: 100 records within 0 s`,
  ),
  violation(
    'batches are of ten, of more only with a window, on FIFO never',
    'a window on FIFO',
    both(asFifo, set([`${MAPPING}.Properties.MaximumBatchingWindowInSeconds`, 1], ['CeleryQueue.Properties.VisibilityTimeout', 400])),
    `${MAPPING}: a FIFO queue takes neither more than ten nor a window`,
  ),
  violation(
    'concurrency is bounded where it costs no receives',
    'no bound',
    drop(`${MAPPING}.Properties.ScalingConfig`),
    `${MAPPING}: undefined at a time is not between 2 and 1000`,
  ),
  violation(
    'concurrency is bounded where it costs no receives',
    'reserved concurrency',
    set([`${WORKER}.Properties.ReservedConcurrentExecutions`, 10]),
    `${WORKER}: its throttles count as receives`,
  ),
  violation(
    'nothing is filtered, for base64 never matches and what does not match is deleted',
    'a filter',
    set([`${MAPPING}.Properties.FilterCriteria`, { Filters: [{ Pattern: '{"body":{"task":["a"]}}' }] }]),
    `${MAPPING}: filters`,
  ),
  violation(
    'nothing that is dead is an event source, which would delete it',
    'a queue that is the dead-letter queue of another',
    both(
      set(['ScheduleDeadLetterQueue.Properties.RedrivePolicy', { deadLetterTargetArn: arn('CeleryQueue'), maxReceiveCount: 5 }]),
      both(
        drop(env(READER, 'MAX_RECEIVE_COUNT')),
        set(['CeleryQueue.Properties.RedriveAllowPolicy', byQueue('celery-schedule-dead-letter')]),
      ),
    ),
    `${MAPPING}: works off a dead-letter queue`,
  ),
  violation(
    'the worker’s queue is handed to the worker',
    'a mapping to another function',
    set([`${MAPPING}.Properties.FunctionName`, arn(READER)], [`${READER}.Properties.RecursiveLoop`, 'Allow']),
    `${MAPPING}: hands it to another`,
  ),
];

function byQueue(name: string) {
  const arnByName = `arn:${variable('AWS::Partition')}:sqs:${variable('AWS::Region')}:${variable('AWS::AccountId')}:${name}`;
  return { redrivePermission: 'byQueue', sourceQueueArns: [{ 'Fn::Sub': arnByName }] };
}
