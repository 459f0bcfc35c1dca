/**
 * EventBridge Scheduler on loopback, in its REST-JSON protocol: one-time schedules that send to the queues of a local SQS.
 * What a schedule may be is schedule-definition.ts, sending it schedule-sending.ts.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../clock.ts';
import { sleep } from '../timers.ts';
import { type LocalSchedule, readSchedule, toScheduleArn } from './schedule-definition.ts';
import { sendSchedule } from './schedule-sending.ts';
import { createSqsCalls } from './sqs-calls.ts';

export interface LocalSchedulerOptions {
  /** Where the queues are, as startLocalSqs gives it. */
  readonly sqs: { readonly endpoint: string; readonly region: string };
  /** Schedule groups beside `default`. */
  readonly groups?: readonly string[];
  /** Port on 127.0.0.1; default 0, any that is free. */
  readonly port?: number;
  /** What `at()` is read by, and the pause between two looks. Default: the system's. */
  readonly clock?: Clock;
}

export interface LocalScheduler {
  /** `http://127.0.0.1:<port>`, for a client's `endpoint`. */
  readonly endpoint: string;
  readonly region: string;
  /** Any credentials do; these save a client from looking for real ones. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Names of the schedules there are, of all groups. */
  names(): readonly string[];
  /** Sends what is due now and answers the names sent; this happens every second of the clock by itself. */
  fire(): Promise<readonly string[]>;
  /** Stops the server and drops all schedules. */
  close(): Promise<void>;
}

interface Kept {
  readonly schedule: LocalSchedule;
  attempts: number;
  done: boolean;
}

/** How often it is looked for what is due. */
const LOOK_EVERY_MS = 1000;
const PAGE = 100;

/**
 * Starts EventBridge Scheduler on loopback: CreateSchedule, GetSchedule, DeleteSchedule and ListSchedules.
 * @example const scheduler = await startLocalScheduler({ sqs, groups: ['celeriac'] })
 */
export async function startLocalScheduler(options: LocalSchedulerOptions): Promise<LocalScheduler> {
  const { sqs, clock = systemClock } = options;
  const groups = new Set(['default', ...(options.groups ?? [])]);
  const calls = createSqsCalls(sqs);
  const schedules = new Map<string, Kept>();

  const sendOne = async (kept: Kept): Promise<boolean> => {
    kept.attempts += 1;
    const { schedule } = kept;
    const sending = await sendSchedule(schedule, kept.attempts, sqs, calls);
    if (sending === 'again') return false;
    kept.done = true;
    if (schedule.deletes) schedules.delete(keyOf(schedule));
    return sending === 'sent';
  };

  const fireNow = async (): Promise<readonly string[]> => {
    const due = Array.from(schedules.values()).filter((kept) => !kept.done && kept.schedule.atMs <= clock.now());
    const sent = await Promise.all(due.map(sendOne));
    return due.flatMap(({ schedule }, index) => (sent[index] === true ? [schedule.name] : []));
  };

  // One after the other: what is being sent is not sent again meanwhile.
  let last: Promise<unknown> = Promise.resolve();
  const fire = (): Promise<readonly string[]> => {
    const fired = last.then(fireNow);
    last = fired.catch(() => {});
    return fired;
  };

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const name = /^\/schedules\/([^/]+)$/.exec(url.pathname)?.[1];
    if (request.method === 'GET' && url.pathname === '/schedules') return list(schedules, url.searchParams);
    if (name === undefined) return refusal(400, 'ValidationException', `The local Scheduler has no ${request.method} ${url.pathname}.`);
    if (request.method === 'POST') return create(schedules, groups, decodeURIComponent(name), await readJson(request), clock.now());
    const group = url.searchParams.get('groupName') ?? 'default';
    const kept = schedules.get(keyOf({ group, name: decodeURIComponent(name) }));
    if (kept === undefined) return refusal(404, 'ResourceNotFoundException', `Schedule ${name} does not exist.`);
    if (request.method === 'GET')
      return { status: 200, body: { ...kept.schedule.given, Name: kept.schedule.name, Arn: toScheduleArn(kept.schedule) } };
    if (request.method !== 'DELETE')
      return refusal(400, 'ValidationException', `The local Scheduler has no ${request.method} of a schedule.`);
    schedules.delete(keyOf(kept.schedule));
    return { status: 200, body: {} };
  };

  const server = createServer((request, response) => {
    answer(request).then(
      (given) => reply(response, given),
      (error: unknown) => reply(response, refusal(400, 'ValidationException', String(error))),
    );
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));

  const stopped = new AbortController();
  const looking = look(fire, clock, stopped.signal);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: sqs.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    names: () => Array.from(schedules.values(), ({ schedule }) => schedule.name),
    fire,
    async close() {
      stopped.abort();
      await looking;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function look(fire: () => Promise<unknown>, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(clock, LOOK_EVERY_MS, signal);
    // What fails here is a dead-letter queue that is not there; the schedule stays, and is seen at the next look.
    if (!signal.aborted) await fire().catch(() => {});
  }
}

const keyOf = ({ group, name }: { readonly group: string; readonly name: string }): string => `${group}/${name}`;

function create(
  schedules: Map<string, Kept>,
  groups: ReadonlySet<string>,
  name: string,
  given: Readonly<Record<string, unknown>>,
  nowMs: number,
): Answer {
  const schedule = readSchedule(name, given, nowMs);
  if (typeof schedule === 'string') return refusal(400, 'ValidationException', schedule);
  if (!groups.has(schedule.group)) return refusal(404, 'ResourceNotFoundException', `Schedule group ${schedule.group} does not exist.`);
  if (schedules.has(keyOf(schedule))) return refusal(409, 'ConflictException', `Schedule ${name} already exists.`);
  schedules.set(keyOf(schedule), { schedule, attempts: 0, done: false });
  return { status: 200, body: { ScheduleArn: toScheduleArn(schedule) } };
}

function list(schedules: ReadonlyMap<string, Kept>, query: URLSearchParams): Answer {
  const group = query.get('ScheduleGroup');
  const prefix = query.get('NamePrefix') ?? '';
  const first = Number(query.get('NextToken') ?? 0);
  const page = Number(query.get('MaxResults') ?? PAGE);
  const found = Array.from(schedules.values(), ({ schedule }) => schedule).filter(
    (schedule) => (group === null || schedule.group === group) && schedule.name.startsWith(prefix),
  );
  const Schedules = found.slice(first, first + page).map(({ name, group: GroupName }) => ({ Name: name, GroupName }));
  return { status: 200, body: { Schedules, ...(first + page < found.length && { NextToken: String(first + page) }) } };
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly errorType?: string;
}

function refusal(status: number, errorType: string, Message: string): Answer {
  return { status, errorType, body: { Message } };
}

function reply(response: ServerResponse, { status, body, errorType }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(errorType !== undefined && { 'x-amzn-errortype': errorType }) });
  response.end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
}
