/** Freezing any node: which kind is frozen how. */

import { freezeChord, freezeGroup, freezeTask } from './freezing.ts';
import type { FrozenResult } from './frozen-result.ts';
import type { Node } from './nodes.ts';
import type { Freezer, Placing } from './planner.ts';
import { freezeChain } from './steps.ts';

export function freezeWith(freezer: Freezer, node: Node, placing: Placing): FrozenResult {
  switch (node.kind) {
    case 'task':
      return freezeTask(node, placing, freezer);
    case 'chain':
      return freezeChain(node, placing, freezer);
    case 'group':
      return freezeGroup(node, placing, freezer);
    case 'chord':
      return freezeChord(node, placing, freezer);
  }
}

/** Freezes what is not sent yet. */
export function createFreezer({ newId, replyTo, errbacksOnChordHeader = false }: FreezerOptions): Freezer {
  const freezer: Freezer = { newId, replyTo, errbacksOnChordHeader, freeze: (node, placing) => freezeWith(freezer, node, placing) };
  return freezer;
}

export interface FreezerOptions {
  readonly newId: () => string;
  readonly replyTo?: string | undefined;
  readonly errbacksOnChordHeader?: boolean;
}
