/**
 * EventBridge Scheduler simulated, for one-time schedules that send to SQS: they fire late, sometimes twice, and are tried again when what
 * they send is not taken.
 */

import { Buffer } from 'node:buffer';
import type { SimSchedule, SimScheduler, SimSchedulerOptions, SimScheduleTarget } from './contract.ts';
import { type Env, machineOf, sdkError } from './machine.ts';

const PAGE = 100;
const MAX_INPUT_BYTES = 262_144;
const NAME = /^[0-9a-zA-Z\-_.]{1,64}$/;
const AT = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/;
const QUEUE_ARN = /^arn:aws:sqs:[^:]+:\d{12}:([\w-]+(?:\.fifo)?)$/;
const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/.+/;
/** Between tries, while the target does not take it. */
const RETRY_MS = 60_000;

interface ScheduleInput {
  readonly Name: string;
  readonly GroupName?: string;
  readonly ScheduleExpression?: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly FlexibleTimeWindow?: { readonly Mode?: string };
  readonly ActionAfterCompletion?: string;
  readonly Target?: {
    readonly Arn?: string;
    readonly RoleArn?: string;
    readonly Input?: string;
    readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
    readonly DeadLetterConfig?: { readonly Arn?: string };
    readonly SqsParameters?: { readonly MessageGroupId?: string };
  };
}

interface Kept {
  readonly target: SimScheduleTarget;
  readonly input: ScheduleInput;
  nextMs: number;
  tries: number;
  /** Completed, and not deleted after it. */
  over: boolean;
}

export function createSimScheduler(env: Env, options: SimSchedulerOptions): SimScheduler {
  const groups = new Set(['default', ...(options.groups ?? [])]);
  const { lateMs = 60_000, duplicates = 0.02 } = options;
  const schedules = new Map<string, Kept>();
  /** Sent, and to be sent once more: no longer to be found or deleted. */
  const repeats = new Set<Kept>();

  const find = ({ Name, GroupName = 'default' }: ScheduleInput): Kept => {
    const kept = schedules.get(`${GroupName}/${Name}`);
    if (kept === undefined) throw sdkError('ResourceNotFoundException', `Schedule ${Name} does not exist.`, 404);
    return kept;
  };

  const create = (input: ScheduleInput): object => {
    const { Name, GroupName = 'default' } = input;
    const target = toTarget(input, env.now());
    if (!groups.has(GroupName)) throw sdkError('ResourceNotFoundException', `Schedule group ${GroupName} does not exist.`, 404);
    const key = `${GroupName}/${Name}`;
    if (schedules.has(key)) throw sdkError('ConflictException', `Schedule ${Name} already exists.`, 409);
    schedules.set(key, { target, input, nextMs: target.atMs + env.random() * lateMs, tries: 0, over: false });
    return { ScheduleArn: arnOf(target) };
  };

  const list = (input: {
    readonly GroupName?: string;
    readonly NamePrefix?: string;
    readonly NextToken?: string;
    readonly MaxResults?: number;
  }): object => {
    const { GroupName, NamePrefix = '', NextToken = '0', MaxResults = PAGE } = input;
    const found = Array.from(schedules.values(), ({ target }) => target).filter(
      ({ name, group }) => (GroupName === undefined || group === GroupName) && name.startsWith(NamePrefix),
    );
    const end = Number(NextToken) + MaxResults;
    const Schedules = found
      .slice(Number(NextToken), end)
      .map((target) => ({ Name: target.name, GroupName: target.group, Arn: arnOf(target) }));
    return { Schedules, ...(end < found.length && { NextToken: String(end) }) };
  };

  /** The schedule is at its end. */
  const complete = (key: string, kept: Kept): void => {
    if (kept.input.ActionAfterCompletion === 'DELETE') schedules.delete(key);
    else kept.over = true;
  };

  const fire = (key: string, kept: Kept): boolean => {
    kept.tries += 1;
    try {
      options.onFire(kept.target);
    } catch {
      const { MaximumRetryAttempts = 185, MaximumEventAgeInSeconds = 86_400 } = kept.input.Target?.RetryPolicy ?? {};
      const isOld = env.now() - kept.target.atMs >= MaximumEventAgeInSeconds * 1000;
      if (kept.tries <= MaximumRetryAttempts && !isOld) kept.nextMs = env.now() + RETRY_MS * (0.5 + env.random());
      else {
        complete(key, kept);
        options.onDead?.(kept.target);
      }
      return false;
    }
    complete(key, kept);
    if (env.random() < duplicates) repeats.add({ ...kept, nextMs: env.now() + env.random() * lateMs, tries: 0 });
    return true;
  };
  const repeat = (kept: Kept): boolean => {
    repeats.delete(kept);
    try {
      options.onFire(kept.target);
      return true;
    } catch {
      return false;
    }
  };

  const machine = machineOf(
    'scheduler',
    new Map<string, (input: never) => unknown>([
      ['CreateSchedule', create],
      [
        'GetSchedule',
        (input: ScheduleInput) => {
          const { target, input: given } = find(input);
          return { ...given, GroupName: target.group, Arn: arnOf(target), State: 'ENABLED' };
        },
      ],
      [
        'DeleteSchedule',
        (input: ScheduleInput) => {
          const { target } = find(input);
          schedules.delete(`${target.group}/${target.name}`);
          return {};
        },
      ],
      ['ListSchedules', list],
    ]),
  );

  const waiting = (): readonly (readonly [key: string, kept: Kept])[] => [...schedules].filter(([, { over }]) => !over);
  return {
    ...machine,
    schedules: () => [...waiting().map(([, kept]) => shown(kept, 'waiting')), ...Array.from(repeats, (kept) => shown(kept, 'again'))],
    nextEventMs() {
      let next: number | undefined;
      for (const kept of repeats) if (next === undefined || kept.nextMs < next) next = kept.nextMs;
      for (const kept of schedules.values()) if (!kept.over && (next === undefined || kept.nextMs < next)) next = kept.nextMs;
      return next;
    },
    fireDue() {
      const now = env.now();
      const sent: SimScheduleTarget[] = [];
      for (const kept of [...repeats]) if (kept.nextMs <= now && repeat(kept)) sent.push(kept.target);
      for (const [key, kept] of waiting()) if (kept.nextMs <= now && fire(key, kept)) sent.push(kept.target);
      return sent;
    },
  };
}

const shown = ({ target, nextMs }: Kept, state: SimSchedule['state']): SimSchedule => ({ ...target, state, nextMs });

const arnOf = ({ group, name }: SimScheduleTarget): string => `arn:aws:scheduler:us-east-1:000000000000:schedule/${group}/${name}`;

/** What is asked for, checked as AWS checks it. */
function toTarget(input: ScheduleInput, nowMs: number): SimScheduleTarget {
  const { Name, GroupName = 'default', ScheduleExpression = '', ScheduleExpressionTimezone = 'UTC', Target = {} } = input;
  const atMs = Date.parse(`${AT.exec(ScheduleExpression)?.[1]}Z`);
  check(NAME.test(Name), `Value '${Name}' at 'name' failed to satisfy constraint`);
  check(!Number.isNaN(atMs), `Invalid Schedule Expression ${ScheduleExpression}.`);
  check(atMs >= nowMs, 'Invalid Schedule Expression: the moment is in the past.');
  check(ScheduleExpressionTimezone === 'UTC', 'The simulated Scheduler knows the timezone UTC only.');
  check(input.FlexibleTimeWindow?.Mode === 'OFF', 'The simulated Scheduler wants FlexibleTimeWindow to have Mode OFF.');
  const { Arn = '', RoleArn = '', Input = '', DeadLetterConfig, SqsParameters } = Target;
  const queue = QUEUE_ARN.exec(Arn)?.[1] ?? '';
  check(queue !== '', 'The simulated Scheduler sends to SQS queues only.');
  check(ROLE_ARN.test(RoleArn), `RoleArn ${RoleArn} is no role.`);
  check(Input !== '' && Buffer.byteLength(Input) <= MAX_INPUT_BYTES, 'Input is empty, or longer than 262144 bytes.');
  check(
    queue.endsWith('.fifo') === (SqsParameters?.MessageGroupId !== undefined),
    'SqsParameters.MessageGroupId is for FIFO queues, which need it.',
  );
  const deadLetterArn = DeadLetterConfig?.Arn;
  check(deadLetterArn === undefined || /^arn:aws:sqs:.*(?<!\.fifo)$/.test(deadLetterArn), 'DeadLetterConfig.Arn is no standard queue.');
  return {
    name: Name,
    group: GroupName,
    atMs,
    queueArn: Arn,
    queue,
    body: Input,
    messageGroupId: SqsParameters?.MessageGroupId,
    deadLetterArn,
  };
}

function check(holds: boolean, message: string): void {
  if (!holds) throw sdkError('ValidationException', message);
}
