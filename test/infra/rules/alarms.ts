/** What somebody is to be told of. */

import { type Resource, resourcesOf, type Template } from '../../support/template.ts';
import { type Properties, propertiesOf } from '../../support/template-properties.ts';
import { each, type Rule, same, targetOf } from './rule.ts';

const ALARM = 'AWS::CloudWatch::Alarm';

/** A metric of one resource, and the most of it that is still well. */
interface Wanted {
  readonly when: string;
  readonly metric: `${string}/${string}`;
  readonly statistic: 'Maximum' | 'Sum';
  /** The dimension, and what it is of. */
  readonly of: (template: Template) => unknown;
  readonly threshold: number | ((template: Template) => number);
}

const queue = (id: string) => () => [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }];
const functionOf = (handler: string) => (template: Template) => {
  const found = [...resourcesOf(template, 'AWS::Lambda::Function')].find(([, { Properties = {} }]) => Properties['Handler'] === handler);
  return [{ Name: 'FunctionName', Value: { Ref: found?.[0] } }];
};
const group = () => [{ Name: 'ScheduleGroup', Value: { Ref: 'ScheduleGroup' } }];

/** 80 % of what SQS lets be in flight. */
const inFlight = (template: Template): number =>
  0.8 * (propertiesOf(template.Resources['CeleryQueue']).FifoQueue === true ? 20_000 : 120_000);

const WANTED: readonly Wanted[] = [
  {
    when: 'messages wait long',
    metric: 'AWS/SQS/ApproximateAgeOfOldestMessage',
    statistic: 'Maximum',
    of: queue('CeleryQueue'),
    threshold: 900,
  },
  {
    when: 'a message is dead',
    metric: 'AWS/SQS/ApproximateNumberOfMessagesVisible',
    statistic: 'Maximum',
    of: queue('DeadLetterQueue'),
    threshold: 0,
  },
  {
    when: '80 % of what may be in flight is',
    metric: 'AWS/SQS/ApproximateNumberOfMessagesNotVisible',
    statistic: 'Maximum',
    of: queue('CeleryQueue'),
    threshold: inFlight,
  },
  { when: 'the worker is throttled', metric: 'AWS/Lambda/Throttles', statistic: 'Sum', of: functionOf('worker.handler'), threshold: 0 },
  {
    when: 'AWS takes the worker for a loop',
    metric: 'AWS/Lambda/RecursiveInvocationsDropped',
    statistic: 'Sum',
    of: functionOf('worker.handler'),
    threshold: 0,
  },
  {
    when: 'a long wait could not be ended',
    metric: 'AWS/SQS/ApproximateNumberOfMessagesVisible',
    statistic: 'Maximum',
    of: queue('ScheduleDeadLetterQueue'),
    threshold: 0,
  },
  {
    when: 'a long wait is lost',
    metric: 'AWS/Scheduler/InvocationsFailedToBeSentToDeadLetterCount',
    statistic: 'Sum',
    of: group,
    threshold: 0,
  },
  ...['worker', 'enqueue', 'dead-letter'].map(
    (name): Wanted => ({
      when: `the function ${name} fails`,
      metric: 'AWS/Lambda/Errors',
      statistic: 'Sum',
      of: functionOf(`${name}.handler`),
      threshold: 0,
    }),
  ),
];

const alarms = (template: Template): Properties[] => [...resourcesOf(template, ALARM).values()].map(propertiesOf);

function goesOff(template: Template, { metric, statistic, of, threshold }: Wanted): boolean {
  const [, namespace, name] = /^(.+)\/([^/]+)$/.exec(metric) ?? [];
  const most = typeof threshold === 'number' ? threshold : threshold(template);
  const wanted = { Namespace: namespace, MetricName: name, Dimensions: of(template), Statistic: statistic, Threshold: most };
  return alarms(template).some((alarm) =>
    Object.entries(wanted).every(([property, value]) => same((alarm as unknown as Record<string, unknown>)[property], value)),
  );
}

/** Reads and writes are two metrics, of which one alarm takes the sum. */
function throttleMetrics(table: string, resource: Resource): boolean {
  const metrics = (resource.Properties?.['Metrics'] ?? []) as readonly {
    readonly Expression?: string;
    readonly ReturnData?: boolean;
    readonly MetricStat?: { readonly Metric: { readonly MetricName: string; readonly Dimensions: unknown } };
  }[];
  const parts = metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
  return (
    same(parts.map(({ MetricName }) => MetricName).sort(), ['ReadThrottleEvents', 'WriteThrottleEvents']) &&
    parts.every(({ Dimensions }) => same(Dimensions, [{ Name: 'TableName', Value: { Ref: table } }])) &&
    same(
      metrics.flatMap(({ Expression }) => Expression ?? []),
      ['FILL(reads, 0) + FILL(writes, 0)'],
    ) &&
    resource.Properties?.['Threshold'] === 0
  );
}

export const alarmRules: readonly Rule[] = [
  ...WANTED.map(
    (wanted): Rule => ({
      name: `somebody is told when ${wanted.when}`,
      check: (template) => (goesOff(template, wanted) ? [] : ['there is no such alarm']),
    }),
  ),
  {
    name: 'somebody is told when a table is throttled',
    check: each('AWS::DynamoDB::Table', (_properties, id, template) => {
      const found = [...resourcesOf(template, ALARM).values()].some((alarm) => throttleMetrics(id, alarm));
      return !found && 'nobody is told';
    }),
  },
  {
    name: 'alarms tell the topic, of more than there may be, at once or within five minutes, and not of silence',
    check: each(ALARM, (properties, _id, template) => {
      const { AlarmActions, ComparisonOperator, TreatMissingData, EvaluationPeriods } = properties as unknown as Record<string, unknown>;
      const [topic, ...more] = AlarmActions as readonly unknown[];
      if (more.length > 0 || template.Resources[targetOf(topic)]?.Type !== 'AWS::SNS::Topic') return 'tells nobody';
      if (ComparisonOperator !== 'GreaterThanThreshold') return `goes off at ${ComparisonOperator}`;
      if (TreatMissingData !== 'notBreaching') return `takes silence for ${TreatMissingData}`;
      return Number(EvaluationPeriods) > 5 && `waits for ${EvaluationPeriods} minutes`;
    }),
  },
];
