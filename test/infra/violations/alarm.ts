/** What breaks the rules of alarms. */

import { asFifo, both, remove, set, type Violation, violation } from './planting.ts';

const ALARMS: readonly (readonly [when: string, id: string])[] = [
  ['messages wait long', 'OldestMessageAlarm'],
  ['a message is dead', 'DeadLetterAlarm'],
  ['80 % of what may be in flight is', 'InFlightAlarm'],
  ['the worker is throttled', 'ThrottleAlarm'],
  ['AWS takes the worker for a loop', 'RecursionAlarm'],
  ['a long wait could not be ended', 'ScheduleDeadLetterAlarm'],
  ['a long wait is lost', 'ScheduleDroppedAlarm'],
  ['the function worker fails', 'WorkerErrorAlarm'],
  ['the function enqueue fails', 'EnqueueErrorAlarm'],
  ['the function dead-letter fails', 'DeadLetterErrorAlarm'],
];

export const alarmViolations: readonly Violation[] = [
  ...ALARMS.flatMap(([when, id]) => [
    violation(`somebody is told when ${when}`, `no ${id}`, remove(id), 'there is no such alarm'),
    violation(
      `somebody is told when ${when}`,
      `another threshold of ${id}`,
      set([`${id}.Properties.Threshold`, 7]),
      'there is no such alarm',
    ),
  ]),
  violation(
    'somebody is told when 80 % of what may be in flight is',
    'the threshold of a standard queue for a FIFO queue',
    both(asFifo, set(['InFlightAlarm.Properties.Threshold', 96_000])),
    'there is no such alarm',
  ),
  violation(
    'somebody is told when a table is throttled',
    'no alarm for the ledger',
    remove('LedgerThrottleAlarm'),
    'LedgerTable: nobody is told',
  ),
  violation(
    'somebody is told when a table is throttled',
    'an alarm of reads alone',
    set(['ResultsThrottleAlarm.Properties.Metrics.0.Expression', 'FILL(reads, 0)']),
    'ResultsTable: nobody is told',
  ),
  ...(
    [
      ['an alarm for nobody', 'AlarmActions', [], 'tells nobody'],
      ['an alarm when all is well', 'ComparisonOperator', 'LessThanThreshold', 'goes off at LessThanThreshold'],
      ['an alarm of silence', 'TreatMissingData', 'breaching', 'takes silence for breaching'],
      ['an alarm that waits an hour', 'EvaluationPeriods', 60, 'waits for 60 minutes'],
    ] as const
  ).map(([what, property, value, found]) =>
    violation(
      'alarms tell the topic, of more than there may be, at once or within five minutes, and not of silence',
      what,
      set([`DeadLetterAlarm.Properties.${property}`, value]),
      `DeadLetterAlarm: ${found}`,
    ),
  ),
];
