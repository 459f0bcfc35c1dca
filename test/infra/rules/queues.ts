/** What queues have to be, and how the worker's is handed to it. */

import { resourcesOf, type Template } from '../../support/template.ts';
import { type Properties, propertiesOf, variable } from '../../support/template-properties.ts';
import { arnOf, each, finding, propertiesAt, type Rule, same, targetOf, variablesOf } from './rule.ts';

const DAY = 86_400;
const QUEUE = 'AWS::SQS::Queue';
const MAPPING = 'AWS::Lambda::EventSourceMapping';

/** The queues whose messages SQS moves to this one. */
const sourcesOf = (template: Template, target: string): Properties[] =>
  [...resourcesOf(template, QUEUE).values()].map(propertiesOf).filter(({ RedrivePolicy }) => redriveTarget(RedrivePolicy) === target);

const redriveTarget = (policy: Properties['RedrivePolicy'] | undefined): string =>
  targetOf((policy as { deadLetterTargetArn?: unknown } | undefined)?.deadLetterTargetArn);

/** By name: a reference would close a circle. */
const arnByName = (name: unknown) => ({
  'Fn::Sub': `arn:${variable('AWS::Partition')}:sqs:${variable('AWS::Region')}:${variable('AWS::AccountId')}:${name}`,
});

const isFifo = ({ FifoQueue }: Properties): boolean => FifoQueue === true;

/** Whether a function works it off; every other queue keeps what is dead. */
const isWorkedOff = (template: Template, id: string): boolean =>
  [...resourcesOf(template, MAPPING).values()].some((mapping) => targetOf(propertiesOf(mapping).EventSourceArn) === id);

export const queueRules: readonly Rule[] = [
  {
    name: 'a message stays hidden for six time-outs of its function, and the window',
    check: each(MAPPING, ({ EventSourceArn, FunctionName, MaximumBatchingWindowInSeconds: window = 0 }, _id, template) => {
      const wanted = 6 * propertiesAt(template, FunctionName).Timeout + window;
      const { VisibilityTimeout } = propertiesAt(template, EventSourceArn);
      return !(VisibilityTimeout >= wanted) && `${VisibilityTimeout} s are less than ${wanted}`;
    }),
  },
  {
    name: 'queues are polled long',
    check: each(QUEUE, ({ ReceiveMessageWaitTimeSeconds: seconds }) => seconds !== 20 && `a receive waits ${seconds} s`),
  },
  {
    name: 'a message is moved to a dead-letter queue of its type, after five receives, on FIFO after ten',
    check: each(MAPPING, ({ EventSourceArn }, _id, template) => {
      const queue = propertiesAt(template, EventSourceArn);
      const dead = redriveTarget(queue.RedrivePolicy);
      if (dead === '') return 'its queue has no dead-letter queue';
      const receives = isFifo(queue) ? 10 : 5;
      if (queue.RedrivePolicy.maxReceiveCount !== receives) return `${queue.RedrivePolicy.maxReceiveCount} receives are not ${receives}`;
      return isFifo(queue) !== isFifo(propertiesOf(template.Resources[dead])) && 'its dead-letter queue is of the other type';
    }),
  },
  {
    name: 'dead messages are kept fourteen days, and others ten at most',
    check: each(QUEUE, ({ MessageRetentionPeriod: seconds }, id, template) =>
      isWorkedOff(template, id)
        ? !(seconds <= 10 * DAY) && `${seconds} s are more than ten days`
        : seconds !== 14 * DAY && `${seconds} s are not fourteen days`,
    ),
  },
  {
    name: 'a dead-letter queue is for the queues that name it, and no other queue is for any',
    check: each(QUEUE, ({ RedriveAllowPolicy }, id, template) => {
      const sources = sourcesOf(template, id);
      const wanted =
        sources.length === 0
          ? { redrivePermission: 'denyAll' }
          : { redrivePermission: 'byQueue', sourceQueueArns: sources.map(({ QueueName }) => arnByName(QueueName)) };
      return !same(RedriveAllowPolicy, wanted) && `RedriveAllowPolicy is not ${JSON.stringify(wanted)}`;
    }),
  },
  {
    name: 'a dead message is hidden for as long as its reader may run',
    check: each('AWS::Lambda::Function', ({ Timeout, Handler }, _id, template) => {
      if (Handler !== 'dead-letter.handler') return undefined;
      const dead = [...resourcesOf(template, QUEUE)].filter(([id]) => sourcesOf(template, id).length > 0);
      const short = dead.filter(([, queue]) => !(propertiesOf(queue).VisibilityTimeout >= Timeout)).map(([id]) => id);
      return short.length > 0 && `may run longer than ${short} hides a message`;
    }),
  },
  {
    name: 'the reader of dead letters knows after how many receives a message is dead',
    check: (template) => {
      const counts = [...resourcesOf(template, QUEUE).values()].flatMap(
        (queue) => propertiesOf(queue).RedrivePolicy?.maxReceiveCount ?? [],
      );
      return [...resourcesOf(template, 'AWS::Lambda::Function')].flatMap(([id, resource]) => {
        const told = variablesOf(propertiesOf(resource))['MAX_RECEIVE_COUNT'];
        return finding(id, told !== undefined && !same(counts.map(String), [told]) && `is told ${told} receives`);
      });
    },
  },
  {
    name: 'queues are encrypted at rest',
    check: each(QUEUE, ({ SqsManagedSseEnabled, KmsMasterKeyId }) => !SqsManagedSseEnabled && !KmsMasterKeyId && 'is not'),
  },
  {
    name: 'what Scheduler could not send has a standard queue of its own',
    check: each('AWS::Lambda::Function', (properties, _id, template) => {
      const named = variablesOf(properties)['SCHEDULE_DEAD_LETTER_ARN'];
      if (named === undefined) return undefined;
      const queue = propertiesAt(template, named);
      if (isFifo(queue)) return 'Scheduler cannot put anything into a FIFO queue';
      return sourcesOf(template, targetOf(named)).length > 0 && 'it is the dead-letter queue of a queue as well';
    }),
  },
  {
    name: 'failures are taken record by record',
    check: each(
      MAPPING,
      ({ FunctionResponseTypes }) => !same(FunctionResponseTypes, ['ReportBatchItemFailures']) && 'a failure gives the whole batch back',
    ),
  },
  {
    name: 'batches are of ten, of more only with a window, on FIFO never',
    check: each(MAPPING, ({ BatchSize, EventSourceArn, MaximumBatchingWindowInSeconds: window = 0 }, _id, template) => {
      const fifo = isFifo(propertiesAt(template, EventSourceArn));
      if (fifo) return (BatchSize > 10 || window > 0) && 'a FIFO queue takes neither more than ten nor a window';
      return !(BatchSize === 10 || (BatchSize > 10 && window >= 1)) && `${BatchSize} records within ${window} s`;
    }),
  },
  {
    name: 'concurrency is bounded where it costs no receives',
    check: (template) => [
      ...each(MAPPING, ({ ScalingConfig }) => {
        const most = ScalingConfig?.MaximumConcurrency;
        return !(most >= 2 && most <= 1000) && `${most} at a time is not between 2 and 1000`;
      })(template),
      ...each(
        'AWS::Lambda::Function',
        (properties) => 'ReservedConcurrentExecutions' in properties && 'its throttles count as receives',
      )(template),
    ],
  },
  {
    name: 'nothing is filtered, for base64 never matches and what does not match is deleted',
    check: each(MAPPING, (properties) => 'FilterCriteria' in properties && 'filters'),
  },
  {
    name: 'nothing that is dead is an event source, which would delete it',
    check: each(
      MAPPING,
      ({ EventSourceArn }, _id, template) => sourcesOf(template, targetOf(EventSourceArn)).length > 0 && 'works off a dead-letter queue',
    ),
  },
  {
    name: 'the worker’s queue is handed to the worker',
    check: (template) => {
      const worker = [...resourcesOf(template, 'AWS::Lambda::Function')].find(
        ([, { Properties }]) => Properties?.['Handler'] === 'worker.handler',
      );
      return each(MAPPING, ({ FunctionName }) => !same(FunctionName, arnOf(worker?.[0] ?? '')) && 'hands it to another')(template);
    },
  },
];
