/** Counts chords in memory as the Redis backend does in Redis. */

import type { Clock } from '../clock.ts';
import { readJson, writeJson } from '../wire/json.ts';
import { RESULT_LIMITS, type ResultDocument, type ResultTuple, toResultDocument } from '../wire/result.ts';
import type { ChordComplete, ChordPart, ChordStore } from './backend.ts';
import { joinParts, leafIds } from './chord-join.ts';
import { createMemoryShelf } from './memory-shelf.ts';

interface Chord {
  readonly size: number;
  readonly header: ResultTuple;
  /** Tasks it grew by. */
  readonly grown: Set<string>;
  /** What was told, by task and place. */
  readonly told: Map<string, { readonly taskId: string; readonly text: string }>;
  /** The part that was told it is complete. */
  claim?: string;
  hasEnded?: boolean;
}

/** How long an ended chord is remembered at least. */
const LEAST_DONE_SECONDS = 300;

export interface MemoryChords extends Required<ChordStore> {
  cleanup(): void;
}

export function createMemoryChords(clock: Clock, fetch: (taskId: string) => ResultDocument | undefined): MemoryChords {
  const chords = createMemoryShelf<Chord>(clock);
  return {
    async begin({ groupId, size, header, expiresSeconds }) {
      if (chords.get(groupId) !== undefined) return;
      chords.set(groupId, { size, header, grown: new Set(), told: new Map() }, { expiresSeconds });
    },
    async count(part) {
      const { groupId, taskId, groupIndex, expiresSeconds } = part;
      const chord = chords.get(groupId);
      if (chord === undefined) return { state: 'unknown' };
      if (chord.hasEnded === true) return { state: 'taken' };
      const member = `${taskId}:${groupIndex}`;
      if (!chord.told.has(member)) chord.told.set(member, { taskId, text: endText(part) });
      chords.set(groupId, chord, { expiresSeconds });
      if (chord.told.size < chord.size + chord.grown.size) return { state: 'open' };
      chord.claim ??= member;
      return chord.claim === member ? { state: 'complete', groupId, expiresSeconds, claim: member } : { state: 'taken' };
    },
    async join({ groupId }) {
      const chord = chords.get(groupId);
      if (chord === undefined) return { ok: true, results: [] };
      const ends = new Map(Array.from(chord.told.values(), ({ taskId, text }) => [taskId, readEnd(text, taskId, fetch(taskId))]));
      const ids = leafIds(chord.header);
      const grown = Array.from(chord.grown).filter((id) => !ids.includes(id));
      const [group, members] = chord.header;
      const all: ResultTuple = [group, [...(members ?? []), ...grown.map((id): ResultTuple => [[id, null], null])]];
      return joinParts(
        all,
        [...ids, ...grown].map((id) => ends.get(id)),
      );
    },
    async end({ groupId, expiresSeconds }) {
      const chord = chords.get(groupId);
      if (chord === undefined) return;
      const ended = { ...chord, told: new Map(), hasEnded: true };
      chords.set(groupId, ended, { expiresSeconds: expiresSeconds && Math.max(expiresSeconds, LEAST_DONE_SECONDS) });
    },
    async release({ groupId, claim }: ChordComplete) {
      const chord = chords.get(groupId);
      if (chord !== undefined && chord.claim === claim) delete chord.claim;
    },
    async grow(groupId, part) {
      for (const id of leafIds(part)) chords.get(groupId)?.grown.add(id);
    },
    cleanup: chords.cleanup,
  };
}

function endText({ state, result }: ChordPart): string {
  return writeJson([state, result], RESULT_LIMITS);
}

function readEnd(text: string, taskId: string, document: ResultDocument | undefined): ResultDocument {
  const [status, result] = readJson(text, RESULT_LIMITS) as [string, unknown];
  return toResultDocument({ status, result, traceback: document?.traceback ?? null, task_id: taskId });
}
