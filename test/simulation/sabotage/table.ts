/**
 * Deliberate faults. The simulator is worth what it finds of them. What is to be found must stand in its file exactly once, so that the
 * table cannot grow stale unseen.
 */

import { COMMITTING } from './committing.ts';
import { RECEIVING } from './receiving.ts';
import type { Sabotage } from './sabotage.ts';

export type { Sabotage };

export const SABOTAGES: readonly Sabotage[] = [...RECEIVING, ...COMMITTING];
