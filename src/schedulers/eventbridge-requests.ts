/** What is asked of EventBridge Scheduler, and what is made of its answers. */

import { Buffer } from 'node:buffer';
import { EncodeError, MessageTooLarge } from '../errors.ts';
import { isFifo } from '../transports/transport.ts';
import { type CreateScheduleInput, createSchedulerApi, type SchedulerClientOptions } from './eventbridge-client.ts';
import { isNamed, toFailure } from './eventbridge-failures.ts';
import { SCHEDULER_LIMITS } from './limits.ts';
import type { ScheduledWait } from './scheduler.ts';

export interface EventBridgeSchedulerOptions extends SchedulerClientOptions {
  /** The schedule group, which exists and holds nothing but the app's waits. */
  readonly group: string;
  /** The role that Scheduler takes to send: sqs:SendMessage on the queues and on the dead-letter queue. */
  readonly roleArn: string;
  /** Where Scheduler puts what it could not send in a day: a standard queue. Default: nowhere, it is lost. */
  readonly deadLetterArn?: string;
  /** Queue name, as Celery has it, to the queue's ARN. Waits for any other queue are refused with QueueNotFound. */
  readonly queues: Readonly<Record<string, string>>;
}

export interface Requests {
  schedule(wait: ScheduledWait, queueArn: string): Promise<void>;
  find(prefix: string): Promise<readonly string[]>;
  cancel(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Scheduler's most: it tries for a day before it gives a message up. */
const RETRY_POLICY = { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 };

/** Scheduler replaces `<aws.scheduler.execution-id>` and its like in what it sends. */
const REPLACED_BY_SCHEDULER = '<aws.scheduler.';

export function createRequests(options: EventBridgeSchedulerOptions): Requests {
  const { group } = options;
  const api = createSchedulerApi(options);
  return {
    async schedule(wait, queueArn) {
      const input = toInput(wait, queueArn, options);
      try {
        await api.createSchedule(input);
      } catch (error) {
        if (!isNamed(error, 'ConflictException')) throw toFailure(error, 'scheduler:CreateSchedule', group);
      }
    },
    async find(prefix) {
      const names: string[] = [];
      let token: string | undefined;
      try {
        do {
          const page = await api.listSchedules({ GroupName: group, NamePrefix: prefix, ...(token !== undefined && { NextToken: token }) });
          names.push(...(page.Schedules ?? []).flatMap(({ Name }) => Name ?? []));
          token = page.NextToken;
        } while (token !== undefined);
      } catch (error) {
        throw toFailure(error, 'scheduler:ListSchedules', group);
      }
      return names;
    },
    async cancel(name) {
      try {
        await api.deleteSchedule({ Name: name, GroupName: group });
      } catch (error) {
        if (!isNamed(error, 'ResourceNotFoundException')) throw toFailure(error, 'scheduler:DeleteSchedule', group);
      }
    },
    close: () => api.close(),
  };
}

function toInput(wait: ScheduledWait, arn: string, { group, roleArn, deadLetterArn }: EventBridgeSchedulerOptions): CreateScheduleInput {
  const { name, atMs, body, messageGroupId } = wait;
  checkBody(body);
  const fifo = isFifo(arn);
  if (!fifo && messageGroupId !== undefined) {
    throw new EncodeError('A schedule carries no group to a standard queue; send the message on instead.', { path: 'messageGroupId' });
  }
  return {
    Name: name,
    GroupName: group,
    ScheduleExpression: `at(${new Date(atMs).toISOString().slice(0, 19)})`,
    ScheduleExpressionTimezone: 'UTC',
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: {
      Arn: arn,
      RoleArn: roleArn,
      Input: body,
      RetryPolicy: RETRY_POLICY,
      ...(deadLetterArn !== undefined && { DeadLetterConfig: { Arn: deadLetterArn } }),
      // As kombu's default group.
      ...(fifo && { SqsParameters: { MessageGroupId: messageGroupId ?? 'default' } }),
    },
  };
}

function checkBody(body: string): void {
  const bytes = Buffer.byteLength(body);
  if (bytes > SCHEDULER_LIMITS.bodyBytes) throw new MessageTooLarge(bytes, SCHEDULER_LIMITS.bodyBytes);
  if (!body.includes(REPLACED_BY_SCHEDULER)) return;
  throw new EncodeError(`EventBridge Scheduler would replace '${REPLACED_BY_SCHEDULER}…>' in the body; send the message on instead.`, {
    path: 'body',
  });
}
