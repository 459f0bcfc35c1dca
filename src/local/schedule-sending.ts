/** What EventBridge Scheduler does when a schedule is due: it sends, tries again, and in the end puts the input aside. */

import { LOCAL_ACCOUNT } from './queue-definitions.ts';
import { type LocalSchedule, queueIn, toScheduleArn } from './schedule-definition.ts';
import type { SqsCalls } from './sqs-calls.ts';

/** Attempts after the first, where the schedule does not say. */
const DEFAULT_RETRIES = 185;

export type Sending = 'sent' | 'again' | 'dead';

/** @param attempt 1 for the first */
export async function sendSchedule(
  schedule: LocalSchedule,
  attempt: number,
  sqs: { readonly endpoint: string },
  calls: SqsCalls,
): Promise<Sending> {
  const { Arn, Input, SqsParameters, RetryPolicy, DeadLetterConfig } = schedule.target;
  const send = (arn: string, more: object): Promise<unknown> =>
    calls.call('SendMessage', { QueueUrl: `${sqs.endpoint}/${LOCAL_ACCOUNT}/${queueIn(arn)}`, MessageBody: Input, ...more });
  try {
    await send(Arn, SqsParameters?.MessageGroupId === undefined ? {} : { MessageGroupId: SqsParameters.MessageGroupId });
    return 'sent';
  } catch (error) {
    if (attempt <= (RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_RETRIES)) return 'again';
    if (DeadLetterConfig?.Arn !== undefined) await send(DeadLetterConfig.Arn, { MessageAttributes: whyDead(schedule, attempt, error) });
    return 'dead';
  }
}

/** The attributes that Scheduler puts beside the input of a dead event. */
function whyDead(schedule: LocalSchedule, attempt: number, error: unknown): object {
  const values = {
    ERROR_MESSAGE: error instanceof Error ? error.message : String(error),
    EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    RETRY_ATTEMPTS: String(attempt - 1),
    SCHEDULE_ARN: toScheduleArn(schedule),
    TARGET_ARN: schedule.target.Arn,
  };
  return Object.fromEntries(Object.entries(values).map(([key, StringValue]) => [key, { DataType: 'String', StringValue }]));
}
