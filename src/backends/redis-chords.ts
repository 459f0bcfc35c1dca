/** Counts chords in Redis as Celery's workers do, beside them or alone (see redis-scripts.ts for what is kept). */

import { DecodeError } from '../errors.ts';
import type { RedisConnection } from '../redis-connection.ts';
import { PROPAGATE_STATES } from '../states.ts';
import { readJson, writeJson } from '../wire/json.ts';
import { toAscii } from '../wire/json-text.ts';
import { RESULT_LIMITS, type ResultDocument, type ResultTuple, toResultDocument } from '../wire/result.ts';
import { payloadText, writeGroup } from '../wire/result-payload.ts';
import type { ChordComplete, ChordCount, ChordPart, ChordStore } from './backend.ts';
import { joinParts, leafIds } from './chord-join.ts';
import { BEGIN, COUNT, COUNTS, END, GROW, RELEASE, secondsText } from './redis-scripts.ts';

export interface RedisChordsOptions {
  readonly connection: RedisConnection;
  readonly groupKey: (groupId: string) => string;
  readonly restoreGroup: (groupId: string) => Promise<ResultTuple | undefined>;
  /** Whether parts are kept by their place in the header (Celery's result_chord_ordered). */
  readonly isOrdered: boolean;
  readonly fetchMany: (taskIds: readonly string[]) => Promise<readonly (ResultDocument | undefined)[]>;
}

/**
 * How long whoever completed a chord has before another part that is told again may send its body too, which has the same id then. Shorter
 * than messages stay hidden: where a Python worker gets the message of one of ours that is gone, it finds the lease over.
 */
const LEASE_SECONDS = 15;
/** How long it is remembered that a chord has ended: as long as its results are, and not less than Celery does. */
const DONE_SECONDS = { least: 300, usual: 86_400 };

export function createRedisChords(options: RedisChordsOptions): Required<ChordStore> {
  const { connection, groupKey, restoreGroup, isOrdered, fetchMany } = options;
  const keysOf = (groupId: string, ...ends: readonly string[]): readonly string[] => ends.map((end) => groupKey(groupId) + end);

  async function toldParts(groupId: string): Promise<readonly ResultDocument[]> {
    const found = await connection.send([isOrdered ? 'ZRANGE' : 'LRANGE', `${groupKey(groupId)}.j`, '0', '-1']);
    return (found as readonly Uint8Array[]).map(readPart);
  }

  /** The ends of these tasks, as they were told, or else as they are stored. */
  async function endsOf(taskIds: readonly string[], told: readonly ResultDocument[]): Promise<readonly (ResultDocument | undefined)[]> {
    const ends = new Map(told.map((end) => [end.task_id, end]));
    const missing = taskIds.filter((id) => !ends.has(id));
    if (missing.length > 0) for (const found of await fetchMany(missing)) if (found !== undefined) ends.set(found.task_id, found);
    return taskIds.map((id) => ends.get(id));
  }

  return {
    async begin({ groupId, size, header, expiresSeconds }) {
      // As Celery's apply_chord: the shape is needed only where it is not flat.
      const isNested = header[1]?.some(([, children]) => children !== null) === true;
      const keys = keysOf(groupId, '.s', '.c', '');
      await connection.run(BEGIN, ...keys, String(size), secondsText(expiresSeconds), isNested ? writeGroup(header) : '');
    },
    async count(part) {
      const claim = claimOf(part);
      const found = await connection.run(
        COUNT,
        ...keysOf(part.groupId, '.j', '.t', '.s', '.d', '', '.c'),
        ...partArgs(part, isOrdered, claim),
      );
      return toCount(COUNTS[found as number] ?? 'unknown', part, claim);
    },
    async join({ groupId }) {
      const [told, saved] = await Promise.all([toldParts(groupId), restoreGroup(groupId)]);
      const group = saved ?? flatGroup(groupId, told);
      const join = joinParts(group, saved === undefined ? told : await endsOf(leafIds(saved), told));
      if (join.ok || join.traceback !== null) return join;
      const [failed] = await fetchMany([join.taskId]);
      return PROPAGATE_STATES.has(failed?.status ?? '') ? { ...join, traceback: failed?.traceback ?? null } : join;
    },
    async end({ groupId, claim, expiresSeconds }, body = 'sent') {
      const seconds = Math.max(DONE_SECONDS.least, Math.ceil(expiresSeconds || DONE_SECONDS.usual));
      await connection.run(END, ...keysOf(groupId, '.j', '.t', '.s', '.d', '.c'), claim ?? '', String(seconds), body);
    },
    async release({ groupId, claim }: ChordComplete) {
      await connection.run(RELEASE, ...keysOf(groupId, '.c'), claim ?? '');
    },
    async grow(groupId, part) {
      await connection.run(GROW, ...keysOf(groupId, '.s', '.t', '.d', '.c'), ...leafIds(part));
    },
  };
}

/** Celery's place of a part that does not say its own. */
function placeOf({ groupIndex }: ChordPart): string {
  return groupIndex === null ? '+inf' : String(groupIndex);
}

/** The same for the same part, so that its second worker may go on where the first one died. */
function claimOf(part: ChordPart): string {
  return `celeriac:${part.taskId}:${placeOf(part)}`;
}

const SIGNS = /\\.|[",:]/g;

/**
 * The text that Python's json.dumps makes of it, spaces and escapes included: Celery before 5.7 counts a part once only where it tells
 * the same text again.
 */
function pythonJson(value: unknown): string {
  let isInText = false;
  return toAscii(writeJson(value, RESULT_LIMITS)).replace(SIGNS, (sign) => {
    if (sign === '"') isInText = !isInText;
    return isInText || (sign !== ',' && sign !== ':') ? sign : `${sign} `;
  });
}

function partArgs(part: ChordPart, isOrdered: boolean, claim: string): readonly string[] {
  const { taskId, state, result, expiresSeconds } = part;
  const value = pythonJson([1, taskId, state, result]);
  return [
    taskId,
    value,
    pythonJson(taskId),
    isOrdered ? '1' : '0',
    placeOf(part),
    secondsText(expiresSeconds) || '0',
    String(LEASE_SECONDS),
    claim,
  ];
}

function toCount(state: ChordCount['state'], { groupId, expiresSeconds }: ChordPart, claim: string): ChordCount {
  return state === 'complete' ? { state, groupId, expiresSeconds, claim } : { state };
}

/** The end of a part, `[1, task id, state, result]`, as a document. Throws DecodeError. */
function readPart(payload: Uint8Array): ResultDocument {
  const part = readJson(payloadText(payload), RESULT_LIMITS);
  if (!Array.isArray(part) || typeof part[1] !== 'string' || typeof part[2] !== 'string') {
    throw new DecodeError('bad-value', 'The end of a chord part is not [1, task id, state, result].');
  }
  return toResultDocument({ task_id: part[1], status: part[2], result: part[3] ?? null });
}

function flatGroup(groupId: string, told: readonly ResultDocument[]): ResultTuple {
  return [[groupId, null], told.map(({ task_id }): ResultTuple => [[task_id, null], null])];
}
