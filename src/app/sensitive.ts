/** Which arguments a task keeps to itself: the option `sensitive`, checked where the task is declared. What it hides is in app/masking. */

import { ImproperlyConfigured } from '../errors.ts';
import type { TaskDefaults } from './options.ts';
import type { Settings } from './settings.ts';

/** A declaration as far as it matters here. */
interface Declaration {
  readonly sensitive?: readonly string[];
  readonly params?: readonly string[] | undefined;
}

/**
 * The paths of a declaration, each parameter under both of its names: with `params: ['card']` the path `card.number` is `0.number` too.
 *
 * @throws ImproperlyConfigured for what is no array of paths
 */
export function sensitivePaths(task: string, { sensitive, params = [] }: Declaration): readonly string[] {
  if (!Array.isArray(sensitive)) throw malformed(task, 'is no array');
  return (sensitive as readonly unknown[]).flatMap((path) => {
    if (typeof path !== 'string' || path.split('.').includes('')) throw malformed(task, `has ${JSON.stringify(path) ?? typeof path}`);
    const dot = path.indexOf('.');
    const [first, rest] = dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot)];
    const place = params.indexOf(first);
    const other = place >= 0 ? String(place) : /^\d+$/.test(first) ? params[Number(first)] : undefined;
    return other === undefined ? [path] : [path, other + rest];
  });
}

const malformed = (task: string, what: string): ImproperlyConfigured =>
  new ImproperlyConfigured(`sensitive of the task '${task}' ${what}; expected paths like '0', 'card' or 'card.number'.`);

/** Whether nothing of a task's values may be said outside of its message: texts of its errors, which often name them, included. */
export function isPrivate(defaults: TaskDefaults | undefined, { taskArgsrepr }: Pick<Settings, 'taskArgsrepr'>): boolean {
  return (defaults?.argsrepr ?? taskArgsrepr) === 'types' || (defaults?.sensitive ?? '').length > 0;
}
