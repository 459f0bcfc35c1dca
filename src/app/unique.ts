/**
 * Unique tasks: while one is remembered under a key, another under the same key is not sent. The key is taken before the task is sent, for a
 * short while, and kept for as long as it should be once the task is sent: a sender that dies in between blocks nobody for long.
 */

import type { ApplyOptions } from '../canvas/call-options.ts';
import { DuplicateTask, ImproperlyConfigured, isCeleryError, type OperationalError } from '../errors.ts';
import { errorFields } from '../logger.ts';
import { sha256 } from '../node-crypto.ts';
import { writeJson } from '../wire/json-write.ts';
import { isRecord } from '../wire/records.ts';
import type { Connected } from './connection.ts';
import type { UniqueOptions } from './definition.ts';
import { bindArguments, type RegisteredTask } from './registry.ts';

/** How long sending may take, and two senders' clocks be apart. */
const SENDING_MS = 300_000;

export interface UniqueCall {
  readonly task: RegisteredTask;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: ApplyOptions;
}

type Unique = UniqueOptions<readonly never[]>;

/**
 * Sends a task by `publish` unless another has its key; answers with the id of the one that has it then. When sending fails the key is
 * given up, also where the message may have arrived: a task that runs twice is better than one that is lost. It is kept for its short
 * while where that is unknown and the call brought an id of its own: the same call passes then.
 *
 * @throws DuplicateTask, ImproperlyConfigured, BackendStoreError, and whatever `publish` rejects with
 */
export async function sendUnique(
  call: UniqueCall,
  connected: Connected,
  publish: (options: ApplyOptions) => Promise<string>,
): Promise<string> {
  const { task, options } = call;
  const unique = task.unique as Unique;
  const taskId = options.taskId ?? crypto.randomUUID();
  const { ledger, clock, logger } = connected;
  if (ledger === undefined) {
    throw new ImproperlyConfigured(`The task '${task.name}' is unique, which takes a ledger: app.connect({ transport, ledger }).`);
  }
  const name = JSON.stringify([task.name, keyOf(call, unique)]);
  const giveUp = () => ledger.unreserve({ name, taskId }).catch(() => undefined);
  const reserve = async (forMs: number): Promise<string> => {
    const nowMs = clock.now();
    return (await ledger.reserve({ name, taskId, nowMs, untilMs: nowMs + forMs })).taskId;
  };

  const forMs = unique.for * 1000;
  const holder = await reserve(Math.min(forMs, SENDING_MS)).catch(async (error: unknown) => {
    // With an id of its own the same call may have been made before, and sent.
    if (options.taskId === undefined) await giveUp();
    throw error;
  });
  if (holder !== taskId) {
    if (unique.otherwise === 'return') return holder;
    throw new DuplicateTask(task.name, holder);
  }
  await publish({ ...options, taskId }).catch(async (error: unknown) => {
    if (options.taskId === undefined || !isUnknown(error)) await giveUp();
    throw error;
  });
  // It is sent: whoever called must not hear of a failure now, and send it again.
  await reserve(forMs).catch((error: unknown) => {
    logger?.warn({
      message: 'a unique task was sent, but its key is not remembered',
      task: task.name,
      id: taskId,
      error: errorFields(error),
    });
  });
  return taskId;
}

/** Whether the message may have arrived all the same. */
const isUnknown = (error: unknown): boolean =>
  isCeleryError(error) && error.name === 'OperationalError' && (error as OperationalError).retryable;

/** What the function gets, keywords in their places, or a digest of it. */
function keyOf({ task, args, kwargs }: UniqueCall, { key }: Unique): string {
  const bound = bindArguments(task, args, kwargs);
  if (key === undefined) return digestOf(bound);
  const made: unknown = key(...(bound as readonly never[]));
  if (typeof made === 'string') return made;
  throw new ImproperlyConfigured(`The key of the unique task '${task.name}' is a ${typeof made}; its option unique.key returns a text.`);
}

/** The same for equal arguments, in whatever order an object has its members. Throws EncodeError for what cannot be sent. */
function digestOf(bound: readonly unknown[]): string {
  // A parameter that was left out before one given by name is a hole.
  const args = Array.from(bound, (arg) => arg ?? null);
  writeJson(args, { root: 'args' });
  return `sha256:${sha256(writeJson(sorted(args)), 'A unique task without unique.key').digest('hex')}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}
