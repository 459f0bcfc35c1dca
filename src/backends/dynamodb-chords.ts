/**
 * Chords counted in DynamoDB, in the item that Celery counts in (celery.backends.dynamodb), so that parts of either side complete one
 * chord. Celery's side adds one to `chord_count`; ours does so in the same write that notes which part it was, so that no part counts
 * twice. The part that brings the count to the size completes the chord, on whichever side it is.
 *
 * A part's note takes 10 to 12 bytes, and a write costs a unit for each KB of the item: 100 parts some 120 units in all, 1 000 parts some
 * 6 000, 10 000 parts some 580 000. An item takes 1 000 units a second, so the counts of 10 000 parts take ten minutes, however many there
 * are to count; 400 KB hold the notes of some 34 000.
 */

import { createHash } from 'node:crypto';
import { allEnded } from '../all-ended.ts';
import { BackendGetError } from '../errors.ts';
import type { ChordCount, ChordPart, ChordStore, GroupStore, ResultBackend } from './backend.ts';
import { joinParts, leafIds } from './chord-join.ts';
import { CHORD_COUNT, type Expiry, type Item, numberOf, numeric, TTL } from './dynamodb-items.ts';
import type { Table } from './dynamodb-table.ts';

export interface Chords {
  readonly table: Table;
  readonly expiry: Expiry;
  readonly groups: GroupStore;
  readonly fetchMany: NonNullable<ResultBackend['fetchMany']>;
  /** The key of a chord's counter. */
  chordKey(groupId: string): string;
  /** The key of a saved group. */
  groupKey(groupId: string): string;
}

/** Attributes of ours in Celery's counter. The size; 0 while it is not known, as Python notes none: */
const SIZE = 'chord_size';
/** The notes of the parts counted by us: */
const COUNTED = 'chord_counted';
/** There once the chord has ended: */
const ENDED = 'chord_ended';

/** A message lives no longer in SQS, so no part is told later. */
const LAST_DUPLICATE_SECONDS = 14 * 86_400;
/** 48 bits: two parts of one note would be counted as one, and their chord never end. Among 10 000 parts that is one chord in millions. */
const NOTE_CHARACTERS = 8;

export function chords({ table, expiry, groups, fetchMany, chordKey, groupKey }: Chords): ChordStore {
  const lives = '(attribute_not_exists(#ttl) OR #ttl > :now)';

  /** The counter after this part, or undefined: it was counted before, or there is nothing to count. */
  const add = ({ groupId, taskId, groupIndex, size = 0 }: ChordPart): Promise<Item | undefined> => {
    const note = noteOf(taskId, groupIndex);
    return table.update(
      chordKey(groupId),
      {
        text: `SET #${SIZE} = if_not_exists(#${SIZE}, :size) ADD #${CHORD_COUNT} :one, #${COUNTED} :notes`,
        values: { ':size': numeric(size), ':one': numeric(1), ':notes': { SS: [note] } },
      },
      {
        text: `attribute_exists(#${CHORD_COUNT}) AND attribute_not_exists(#${ENDED}) AND NOT contains(#${COUNTED}, :note) AND ${lives}`,
        values: { ':note': { S: note }, ':now': expiry.now() },
      },
    );
  };

  /** What the part says, else what was noted when the chord began, else the tasks of the saved group: the last as Celery, which counts its members. */
  const sizeOf = async (counter: Item, { groupId, size }: ChordPart): Promise<number | undefined> => {
    if (size !== undefined) return size;
    const noted = numberOf(counter, SIZE, 0);
    if (noted > 0) return noted;
    const group = await groups.restore(groupId);
    if (group === undefined) return undefined;
    const found = leafIds(group).length;
    // Noted, the group need not be read for every part, as Celery does.
    const change = { text: `SET #${SIZE} = :size`, values: { ':size': numeric(found) } };
    await table.update(chordKey(groupId), change, { text: `attribute_exists(#${CHORD_COUNT})` });
    return found;
  };

  const answer = async (counter: Item, part: ChordPart): Promise<ChordCount> => {
    const size = await sizeOf(counter, part);
    if (size === undefined) return { state: 'unknown' };
    if (numberOf(counter, CHORD_COUNT, 0) < size) return { state: 'open' };
    return { state: 'complete', groupId: part.groupId, expiresSeconds: part.expiresSeconds };
  };

  const restored = async (groupId: string) => {
    const group = await groups.restore(groupId);
    if (group === undefined) throw new BackendGetError(`The group of chord ${groupId} is no longer saved, so its parts are not known.`);
    return group;
  };

  return {
    async begin({ groupId, size, header, expiresSeconds }) {
      const keeping = { expiresSeconds };
      const counter: Item = {
        id: { S: chordKey(groupId) },
        [CHORD_COUNT]: numeric(0),
        [SIZE]: numeric(size),
        ...expiry.stamp(),
        ...expiry.ttl(keeping),
      };
      const isNew = { text: 'attribute_not_exists(#id) OR #ttl <= :now', values: { ':now': expiry.now() } };
      await allEnded<unknown>([table.put(counter, isNew), groups.save(groupId, header, keeping)]);
    },
    async count(part) {
      const counted = await add(part);
      if (counted !== undefined) return await answer(counted, part);
      const there = expiry.living(await table.get(chordKey(part.groupId), [CHORD_COUNT, SIZE, ENDED, TTL]));
      if (there === undefined) return { state: 'unknown' };
      return there[ENDED] !== undefined ? { state: 'taken' } : await answer(there, part);
    },
    async join({ groupId }) {
      const group = await restored(groupId);
      return joinParts(group, await fetchMany(leafIds(group)));
    },
    /**
     * Celery deletes counter and group, and then fails the body for a part that is told once more. Both stay instead, until no message
     * can come any more: a part of ours finds that the chord has ended, a part of Python's a count above the size, which it logs.
     */
    async end({ groupId }) {
      const ttl = expiry.after(LAST_DUPLICATE_SECONDS);
      await allEnded([
        table.update(
          chordKey(groupId),
          { text: `SET #${ENDED} = :yes, #ttl = :ttl REMOVE #${COUNTED}`, values: { ':yes': { BOOL: true }, ':ttl': ttl } },
          { text: `attribute_exists(#${CHORD_COUNT})` },
        ),
        table.update(groupKey(groupId), { text: 'SET #ttl = :ttl', values: { ':ttl': ttl } }, { text: 'attribute_exists(#id)' }),
      ]);
    },
  };
}

/**
 * Characters of the task id's digest and the index: the index does not tell all parts apart (those of a group that ends a chain of
 * the header are numbered anew), nor does the task id, which may stand in a header twice.
 */
function noteOf(taskId: string, groupIndex: number | null): string {
  const digest = createHash('sha256').update(taskId).digest('base64url').slice(0, NOTE_CHARACTERS);
  return groupIndex === null ? digest : `${digest}:${groupIndex.toString(36)}`;
}
