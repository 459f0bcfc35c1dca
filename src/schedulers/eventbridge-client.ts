/** EventBridge Scheduler through the AWS SDK, which is imported when the first request is made and then kept. */

import { ImproperlyConfigured } from '../errors.ts';
import { kept } from '../kept.ts';

/** Whatever sends the SDK's commands: a SchedulerClient, or a stand-in for one. */
export interface SchedulerClient {
  send(command: never): Promise<unknown>;
}

export interface SchedulerCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

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

/** A connection gone silent is noticed after so long. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 5_000;

export function createSchedulerApi(options: SchedulerClientOptions): SchedulerApi {
  const sdk = kept(importSdk);
  let opened: { destroy(): void } | undefined;
  const own = kept(async () => {
    const { SchedulerClient } = await sdk();
    const client = new SchedulerClient(toSdkConfig(options));
    await client.config.region().catch((cause: unknown) => {
      throw new ImproperlyConfigured('No AWS region is known; give createEventBridgeScheduler a region, or set AWS_REGION.', { cause });
    });
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

/** The SDK's own retries stay on: nobody above tries a schedule again, and the same name is never scheduled twice. */
function toSdkConfig({ region, endpoint, credentials }: SchedulerClientOptions) {
  return {
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
}

async function importSdk() {
  try {
    return await import('@aws-sdk/client-scheduler');
  } catch (cause) {
    throw new ImproperlyConfigured('@aws-sdk/client-scheduler could not be imported; install it beside celeriac.', { cause });
  }
}
