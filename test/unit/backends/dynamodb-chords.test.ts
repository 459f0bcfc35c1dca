import { createHash } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChordPart } from '../../../src/backends/backend.ts';
import { createDynamoDBBackend } from '../../../src/backends/dynamodb.ts';
import { type ResultTuple, toResultDocument } from '../../../src/wire/result.ts';
import { type LocalDynamoDB, startDynamoDB } from '../../support/dynamodb.ts';
import { type Seen, watchedClient } from '../../support/dynamodb-client.ts';

const NOW_MS = 1_795_363_791_128;
const HOUR = { expiresSeconds: 3600 };
const newId = (): string => crypto.randomUUID();
const taskTuple = (id: string): ResultTuple => [[id, null], null];

let dynamodb: LocalDynamoDB;
beforeAll(async () => {
  dynamodb = await startDynamoDB();
});
afterAll(() => dynamodb.stop());

function open(meddle?: (seen: Seen, nth: number) => unknown) {
  const client = watchedClient(dynamodb.client, meddle);
  return { ...createDynamoDBBackend({ clock: { now: () => NOW_MS }, client }), seen: client.seen };
}

const counterOf = (groupId: string) => dynamodb.item(`b'chord-unlock-${groupId}'`);
const groupOf = (groupId: string) => dynamodb.item(`b'celery-taskset-meta-${groupId}'`);

function partOf(groupId: string, groupIndex: number | null, more: Partial<ChordPart> = {}): ChordPart {
  return { groupId, taskId: newId(), groupIndex, state: 'SUCCESS', result: groupIndex, size: undefined, ...HOUR, ...more };
}

/** What Celery's sender puts (celery.backends.dynamodb _apply_chord_incr), the group too unless it is to be missing. */
async function beginAsPython(groupId: string, header: ResultTuple | undefined): Promise<void> {
  const timestamp = { N: '1795363791.1288216' };
  const counter = { id: { S: `b'chord-unlock-${groupId}'` }, chord_count: { N: '0' }, timestamp };
  await dynamodb.client.send(new PutItemCommand({ TableName: 'celery', Item: counter }));
  if (header !== undefined) await open().groups.save(groupId, header);
}

/** What Celery's worker does for a part (incr). */
async function countAsPython(groupId: string): Promise<number> {
  const { Attributes } = await dynamodb.client.send(
    new UpdateItemCommand({
      TableName: 'celery',
      Key: { id: { S: `b'chord-unlock-${groupId}'` } },
      UpdateExpression: 'set chord_count = chord_count + :num',
      ExpressionAttributeValues: { ':num': { N: '1' } },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return Number(Attributes?.['chord_count']?.N);
}

/** Two ids whose digests have as many first characters in common. */
function alike(characters: number): readonly [string, string] {
  const seen = new Map<string, string>();
  for (let n = 0; ; n += 1) {
    const id = `task-${n}`;
    const start = createHash('sha256').update(id).digest('base64url').slice(0, characters);
    const other = seen.get(start);
    if (other !== undefined) return [other, id];
    seen.set(start, id);
  }
}

describe('a chord noted', () => {
  it('is Celery’s counter and Celery’s group, with the size besides, expiring as results do', async () => {
    const groupId = newId();
    const header: ResultTuple = [
      [groupId, null],
      [taskTuple('a'), taskTuple('b')],
    ];
    await open().chords.begin({ groupId, size: 2, header, ...HOUR });
    expect(await counterOf(groupId)).toEqual({
      id: { S: `b'chord-unlock-${groupId}'` },
      chord_count: { N: '0' },
      chord_size: { N: '2' },
      timestamp: { N: '1795363791.128' },
      ttl: { N: '1795367392' },
    });
    const group = (await groupOf(groupId))?.['result'] as { readonly B: Uint8Array };
    expect(Buffer.from(group.B).toString()).toBe(JSON.stringify({ result: header }));
  });
});

describe('counting', () => {
  it('is one request for a part, and two for a part told again', async () => {
    const groupId = newId();
    const { chords, seen } = open();
    await chords.begin({
      groupId,
      size: 2,
      header: [
        [groupId, null],
        [taskTuple('a'), taskTuple('b')],
      ],
      ...HOUR,
    });
    const part = partOf(groupId, 0);
    const before = seen.length;
    await chords.count(part);
    await chords.count(part);
    expect(seen.slice(before).map(({ action }) => action)).toEqual(['UpdateItem', 'UpdateItem', 'GetItem']);
  });

  it('goes by the size the part brings, then by the one noted, then by the leaves of the saved group', async () => {
    const [brought, noted, saved] = [newId(), newId(), newId()];
    const { chords, seen } = open();
    const nested = (id: string): ResultTuple => [
      [id, null],
      [
        taskTuple('a'),
        [
          ['inner', null],
          [taskTuple('b'), taskTuple('c')],
        ],
      ],
    ];
    await chords.begin({ groupId: brought, size: 3, header: nested(brought), ...HOUR });
    expect(await chords.count(partOf(brought, 0, { size: 1 }))).toEqual({ state: 'complete', groupId: brought, ...HOUR });
    await chords.begin({ groupId: noted, size: 1, header: nested(noted), ...HOUR });
    expect(await chords.count(partOf(noted, 0))).toMatchObject({ state: 'complete' });

    await beginAsPython(saved, nested(saved));
    const before = seen.length;
    expect((await chords.count(partOf(saved, 0))).state).toBe('open');
    expect((await chords.count(partOf(saved, 1))).state).toBe('open');
    expect((await chords.count(partOf(saved, 2))).state).toBe('complete');
    // The group is read once.
    expect(seen.slice(before).filter(({ action }) => action === 'GetItem')).toHaveLength(1);
  });

  it('knows nothing of a chord whose size nobody knows', async () => {
    const groupId = newId();
    await beginAsPython(groupId, undefined);
    expect(await open().chords.count(partOf(groupId, 0))).toEqual({ state: 'unknown' });
  });

  it('tells apart parts of one index, and one task at two indexes', async () => {
    const groupId = newId();
    const { chords } = open();
    const taskId = newId();
    await chords.begin({ groupId, size: 4, header: [[groupId, null], []], ...HOUR });
    const parts = [partOf(groupId, 1), partOf(groupId, 1), partOf(groupId, 2, { taskId }), partOf(groupId, 3, { taskId })];
    const states = [];
    for (const part of parts) states.push((await chords.count(part)).state);
    expect(states).toEqual(['open', 'open', 'open', 'complete']);
  });

  it('tells apart parts of one index whose ids have digests that begin alike', async () => {
    const groupId = newId();
    const { chords } = open();
    await chords.begin({ groupId, size: 2, header: [[groupId, null], []], ...HOUR });
    const states = [];
    for (const taskId of alike(4)) states.push((await chords.count(partOf(groupId, 0, { taskId }))).state);
    expect(states).toEqual(['open', 'complete']);
  });

  it('goes on from what Python counted, and Python from what was counted here', async () => {
    const groupId = newId();
    const { chords } = open();
    await beginAsPython(groupId, [
      [groupId, null],
      [taskTuple('a'), taskTuple('b'), taskTuple('c')],
    ]);
    expect(await countAsPython(groupId)).toBe(1);
    expect((await chords.count(partOf(groupId, 1))).state).toBe('open');
    expect(await countAsPython(groupId)).toBe(3);
  });

  it('is told by the counter when the answer was lost, as the same part asks again', async () => {
    const groupId = newId();
    let lost = false;
    const { chords } = open(async ({ action, input }) => {
      if (action !== 'UpdateItem' || lost) return undefined;
      lost = true;
      await dynamodb.client.send(new UpdateItemCommand(input));
      throw new Error('the connection was lost');
    });
    await chords.begin({ groupId, size: 1, header: [[groupId, null], [taskTuple('a')]], ...HOUR });
    const part = partOf(groupId, 0);
    await expect(chords.count(part)).rejects.toMatchObject({ name: 'BackendStoreError' });
    expect((await chords.count(part)).state).toBe('complete');
  });

  it('notes few bytes a part', async () => {
    const groupId = newId();
    const { chords } = open();
    await chords.begin({ groupId, size: 3, header: [[groupId, null], []], ...HOUR });
    for (const index of [0, 9999, null]) await chords.count(partOf(groupId, index));
    const notes = (await counterOf(groupId))?.['chord_counted'] as { readonly SS: readonly string[] };
    expect(notes.SS.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([8, 10, 12]);
  });
});

describe('joining', () => {
  const begun = async (...taskIds: readonly string[]) => {
    const groupId = newId();
    const backend = open();
    await backend.chords.begin({ groupId, size: taskIds.length, header: [[groupId, null], taskIds.map(taskTuple)], ...HOUR });
    return { backend, complete: { groupId, ...HOUR } };
  };

  it('rejects where a part counted has not ended, so that it is taken again', async () => {
    const started = newId();
    const { backend, complete } = await begun(started);
    await backend.store(toResultDocument({ status: 'STARTED', task_id: started }));
    const message = expect.stringMatching(/its part .* has the state STARTED/);
    await expect(backend.chords.join(complete)).rejects.toMatchObject({ name: 'BackendGetError', message });
  });

  it('fails for a part counted whose result is not stored, which would not come later either', async () => {
    const [done, started, missing] = [newId(), newId(), newId()];
    const { backend, complete } = await begun(done, started, missing);
    await backend.store(toResultDocument({ status: 'SUCCESS', task_id: done }));
    await backend.store(toResultDocument({ status: 'STARTED', task_id: started }));
    expect(await backend.chords.join(complete)).toEqual({
      ok: false,
      taskId: missing,
      exception: {
        exc_type: 'ChordError',
        exc_message: [expect.stringContaining('its result is not stored')],
        exc_module: 'celery.exceptions',
      },
      traceback: null,
    });
  });

  it('fails for a part that raised rather than for one whose result is not stored', async () => {
    const [missing, raised] = [newId(), newId()];
    const { backend, complete } = await begun(missing, raised);
    const result = { exc_type: 'ValueError', exc_message: ['boom'], exc_module: 'builtins' };
    await backend.store(toResultDocument({ status: 'FAILURE', task_id: raised, result }));
    expect(await backend.chords.join(complete)).toEqual({ ok: false, taskId: raised, exception: result, traceback: null });
  });

  it('rejects where the group is gone', async () => {
    const { backend, complete } = await begun('a');
    await dynamodb.client.send(
      new DeleteItemCommand({ TableName: 'celery', Key: { id: { S: `b'celery-taskset-meta-${complete.groupId}'` } } }),
    );
    await expect(backend.chords.join(complete)).rejects.toMatchObject({
      name: 'BackendGetError',
      message: expect.stringContaining('no longer saved'),
    });
  });
});

describe('an end', () => {
  it('leaves the count above the size and the group for Python’s late parts, without the notes, for 14 days', async () => {
    const groupId = newId();
    const { chords } = open();
    await beginAsPython(groupId, [[groupId, null], [taskTuple('a')]]);
    await chords.count(partOf(groupId, 0));
    await chords.end({ groupId, expiresSeconds: null });
    const ttl = { N: String(Math.ceil(NOW_MS / 1000 + 14 * 86_400)) };
    const counter = await counterOf(groupId);
    expect(counter).toMatchObject({ chord_count: { N: '1' }, chord_ended: { BOOL: true }, ttl });
    expect(counter).not.toHaveProperty('chord_counted');
    expect(await groupOf(groupId)).toMatchObject({ ttl });
    expect(await countAsPython(groupId)).toBe(2);
    expect(await chords.count(partOf(groupId, 0))).toEqual({ state: 'taken' });
  });

  it('of a chord that Python removed makes nothing anew', async () => {
    const groupId = newId();
    await open().chords.end({ groupId, ...HOUR });
    expect([await counterOf(groupId), await groupOf(groupId)]).toEqual([undefined, undefined]);
  });
});
