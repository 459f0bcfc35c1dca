/** EventBridge Scheduler through the AWS SDK, which is imported when the first request is made and then kept. */

import { type AwsCredentials, checkRegion, importSdk, toSdkConfig } from '../aws-sdk.ts';
import { kept } from '../kept.ts';

/** Whatever sends the SDK's commands: a SchedulerClient, or a stand-in for one. */
export interface SchedulerClient {
  send(command: never): Promise<unknown>;
}

export type SchedulerCredentials = AwsCredentials;

export interface SchedulerClientOptions {
  /** Default: as the SDK finds it (AWS_REGION, the profile). */
  readonly region?: string;
  /** Another address than AWS's, like that of startLocalScheduler. */
  readonly endpoint?: string;
  /** Default: as the SDK finds them. */
  readonly credentials?: SchedulerCredentials | (() => Promise<SchedulerCredentials>);
  /** A client of your own; region, endpoint and credentials are then its business, and so is closing it. */
  readonly client?: SchedulerClient;
}

/** The requests that are made, in AWS's spelling. */
export interface SchedulerApi {
  createSchedule(input: CreateScheduleInput): Promise<void>;
  deleteSchedule(input: { readonly Name: string; readonly GroupName: string }): Promise<void>;
  listSchedules(input: ListSchedulesInput): Promise<SchedulePage>;
  close(): Promise<void>;
}

export interface CreateScheduleInput {
  readonly Name: string;
  readonly GroupName: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone: string;
  readonly FlexibleTimeWindow: { readonly Mode: 'OFF' };
  readonly ActionAfterCompletion: 'DELETE';
  readonly Target: {
    readonly Arn: string;
    readonly RoleArn: string;
    readonly Input: string;
    readonly RetryPolicy: { readonly MaximumRetryAttempts: number; readonly MaximumEventAgeInSeconds: number };
    readonly DeadLetterConfig?: { readonly Arn: string };
    readonly SqsParameters?: { readonly MessageGroupId: string };
  };
}

export interface ListSchedulesInput {
  readonly GroupName: string;
  readonly NamePrefix: string;
  readonly NextToken?: string;
}

export interface SchedulePage {
  readonly Schedules?: readonly { readonly Name?: string }[];
  readonly NextToken?: string;
}

/** The SDK's own retries stay on: nobody above tries a schedule again, and the same name is never scheduled twice. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 5_000;

export function createSchedulerApi(options: SchedulerClientOptions): SchedulerApi {
  const sdk = kept(() => importSdk('@aws-sdk/client-scheduler', () => import('@aws-sdk/client-scheduler')));
  let opened: { destroy(): void } | undefined;
  const own = kept(async () => {
    const { SchedulerClient } = await sdk();
    const client = new SchedulerClient(toSdkConfig(options, { connectionMs: CONNECTION_TIMEOUT_MS, requestMs: REQUEST_TIMEOUT_MS }));
    await checkRegion(client, 'createEventBridgeScheduler');
    opened = client;
    return client;
  });

  const perform = async (command: object): Promise<unknown> => {
    const client: SchedulerClient = options.client ?? (await own());
    return client.send(command as never);
  };

  return {
    async createSchedule(input) {
      const { CreateScheduleCommand } = await sdk();
      await perform(new CreateScheduleCommand(input));
    },
    async deleteSchedule(input) {
      const { DeleteScheduleCommand } = await sdk();
      await perform(new DeleteScheduleCommand(input));
    },
    async listSchedules(input) {
      const { ListSchedulesCommand } = await sdk();
      // Its answer's shape is the caller's word: a given client need not be the SDK's.
      return ((await perform(new ListSchedulesCommand(input))) ?? {}) as SchedulePage;
    },
    async close() {
      opened?.destroy();
    },
  };
}
