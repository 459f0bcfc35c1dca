/** What CreateSchedule is asked for, checked as EventBridge Scheduler checks it. Only what a local schedule can do is taken. */

import { LOCAL_ACCOUNT } from './queue-definitions.ts';

/** A schedule as it is kept. */
export interface LocalSchedule {
  readonly name: string;
  readonly group: string;
  readonly atMs: number;
  /** Removed once it was sent (`ActionAfterCompletion: DELETE`). */
  readonly deletes: boolean;
  readonly target: ScheduleTarget;
  /** The request as it came, which GetSchedule answers. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** The part of a target that is used here; AWS's spelling. */
export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input: string;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly SqsParameters?: { readonly MessageGroupId?: string };
}

const NAME = /^[0-9a-zA-Z\-_.]{1,64}$/;
const AT = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/;
const SQS_ARN = /^arn:aws:sqs:[^:]+:\d{12}:([\w-]+(?:\.fifo)?)$/;
const INPUT_BYTES = 262_144;

/** The schedule, or what AWS's ValidationException would say. */
export function readSchedule(name: string, given: Readonly<Record<string, unknown>>, nowMs: number): LocalSchedule | string {
  if (!NAME.test(name)) return `name '${name}' is not 1 to 64 of [0-9a-zA-Z-_.]`;
  const atMs = readAt(given['ScheduleExpression']);
  if (atMs === undefined) return `Invalid Schedule Expression ${String(given['ScheduleExpression'])}.`;
  if (atMs < nowMs) return 'Invalid Schedule Expression: the moment is in the past.';
  const timezone = given['ScheduleExpressionTimezone'] ?? 'UTC';
  if (timezone !== 'UTC') return `the local Scheduler knows the timezone UTC only, not ${String(timezone)}`;
  if ((given['FlexibleTimeWindow'] as { Mode?: unknown } | undefined)?.Mode !== 'OFF') return 'FlexibleTimeWindow is to have Mode OFF';
  const target = given['Target'] as ScheduleTarget | undefined;
  const fault = targetFault(target);
  if (target === undefined || fault !== undefined) return fault ?? 'Target is required';
  return {
    name,
    group: String(given['GroupName'] ?? 'default'),
    atMs,
    deletes: given['ActionAfterCompletion'] === 'DELETE',
    target,
    given,
  };
}

/** The queue that an SQS ARN names. */
export const queueIn = (arn: string): string | undefined => SQS_ARN.exec(arn)?.[1];

/** `arn:aws:scheduler:<region>:000000000000:schedule/<group>/<name>`, in the region of its queue. */
export function toScheduleArn({ group, name, target }: LocalSchedule): string {
  return `arn:aws:scheduler:${target.Arn.split(':')[3]}:${LOCAL_ACCOUNT}:schedule/${group}/${name}`;
}

function readAt(expression: unknown): number | undefined {
  const found = typeof expression === 'string' ? AT.exec(expression)?.[1] : undefined;
  const atMs = found === undefined ? Number.NaN : Date.parse(`${found}Z`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

function targetFault(target: ScheduleTarget | undefined): string | undefined {
  const queue = queueIn(String(target?.Arn));
  if (queue === undefined) return `the local Scheduler sends to SQS queues only, not to ${String(target?.Arn)}`;
  if (!/^arn:aws:iam::\d{12}:role\/.+/.test(String(target?.RoleArn))) return `RoleArn ${String(target?.RoleArn)} is no role`;
  if (typeof target?.Input !== 'string' || target.Input === '') return 'the local Scheduler sends an Input only';
  if (Buffer.byteLength(target.Input) > INPUT_BYTES) return `Input is longer than ${INPUT_BYTES} bytes`;
  const group = target.SqsParameters?.MessageGroupId;
  if (queue.endsWith('.fifo') && group === undefined) return 'A FIFO target needs SqsParameters.MessageGroupId';
  const dead = target.DeadLetterConfig?.Arn;
  if (dead !== undefined && (queueIn(dead) ?? '.fifo').endsWith('.fifo')) return `DeadLetterConfig.Arn ${dead} is no standard queue`;
  return undefined;
}
