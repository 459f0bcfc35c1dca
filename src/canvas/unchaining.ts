/** The tasks of a chain, to be put elsewhere (celery.canvas _chain.unchain_tasks). */

import { linksOf } from './callbacks.ts';
import { link, linkError } from './links.ts';
import { type ChainNode, clone, type Node } from './nodes.ts';

/** Copies of a chain's tasks: the last has its callbacks, all have its errbacks. */
export function unchained(chain: ChainNode, onHeader: boolean): Node[] {
  const tasks = chain.tasks.map((task) => clone(task));
  const last = tasks.at(-1);
  if (last === undefined) return tasks;
  for (const callback of linksOf(chain.options['link'])) link(last, callback);
  for (const errback of linksOf(chain.options['link_error'])) for (const task of tasks) linkError(task, errback, onHeader);
  return tasks;
}
