/** What freezing and sending ask of one another: the kinds of canvas contain each other, their files do not. */

import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import type { FrozenResult } from './frozen-result.ts';
import type { Node, Options } from './nodes.ts';
import type { PlannedChord } from './plan.ts';

/** The body of the chord that something is part of: of this canvas, or as it was received. */
export type ChordOption = Node | SignatureData;

/** A chord to be noted, before it is written as data. */
export interface ChordNote extends Omit<PlannedChord, 'body' | 'header'> {
  readonly header: FrozenResult;
  readonly body: ChordOption;
}

/** What a node is frozen with. Empty texts count as not given. */
export interface Placing {
  readonly id?: string | undefined;
  readonly groupId?: string | undefined;
  readonly groupIndex?: number | undefined;
  readonly chord?: ChordOption | undefined;
  readonly rootId?: string | undefined;
  readonly parentId?: string | undefined;
}

/** What a node is called with. */
export interface NodeCall {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: Options;
}

export interface Freezer {
  readonly newId: () => string;
  readonly replyTo: string | undefined;
  readonly errbacksOnChordHeader: boolean;
  /** Gives ids, in place. */
  freeze(node: Node, placing: Placing): FrozenResult;
}

/** One plan in the making. */
export interface Planner extends Freezer {
  /** Plans what sending the node comes to. The node is not changed. */
  send(node: Node, call: NodeCall): FrozenResult;
  emit(task: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>, options: Options): FrozenResult;
  note(chord: ChordNote): void;
  /** Notes a result as a child of the task that sends. */
  trail(result: FrozenResult): void;
}

/** An option that is a text with something in it. */
export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The option `chord`, if it says something. */
export function chordOption(value: unknown): ChordOption | undefined {
  return isRecord(value) ? (value as unknown as ChordOption) : undefined;
}
