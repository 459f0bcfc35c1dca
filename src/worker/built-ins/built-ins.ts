/** Celery's own tasks (celery.app.builtins), which its canvas sends and every worker runs without registering them. */

import type { RegisteredTask } from '../../app/registry.ts';
import type { WorkerParts } from '../worker-parts.ts';
import type { BuiltIn } from './built-in.ts';
import { chord, chunks, group } from './canvas.ts';
import { chordUnlock } from './chord-unlock.ts';
import { map, starmap } from './map.ts';
import { accumulate, backendCleanup, notATask } from './plain.ts';

const BUILT_INS: ReadonlyMap<string, BuiltIn> = new Map([
  ['celery.accumulate', accumulate],
  ['celery.backend_cleanup', backendCleanup],
  ['celery.chain', notATask],
  ['celery.chord', chord],
  ['celery.chord_unlock', chordUnlock],
  ['celery.chunks', chunks],
  ['celery.group', group],
  ['celery.map', map],
  ['celery.starmap', starmap],
]);

/** The built-in task of this name, or undefined. Each is bound, and takes whatever keywords come. */
export function createBuiltIn(name: string, parts: WorkerParts): RegisteredTask | undefined {
  const builtIn = BUILT_INS.get(name);
  if (builtIn === undefined) return undefined;
  const { defaults, run } = builtIn(parts);
  return {
    name,
    defaults: { ...defaults, bind: true, kwargs: true },
    params: undefined,
    required: 0,
    run: run as RegisteredTask['run'],
  };
}
