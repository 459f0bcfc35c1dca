/** A task's function over many items, one after the other, in one message (celery.map, celery.starmap). */

import type { TaskContext } from '../../app/context.ts';
import { createDirectContext } from '../../app/direct-context.ts';
import { bindArguments, type RegisteredTask } from '../../app/registry.ts';
import type { Retry } from '../../app/retry.ts';
import { isCeleryError, NotRegistered } from '../../errors.ts';
import { type BuiltIn, Given } from './built-in.ts';

export const map: BuiltIn = mapping((item) => [item]);

/** @throws TypeError for an item that is no list of arguments */
export const starmap: BuiltIn = mapping((item) => {
  if (Array.isArray(item)) return item;
  throw new TypeError('Value after * must be an iterable: celery.starmap takes items that are lists of arguments');
});

function mapping(argsOf: (item: unknown) => readonly unknown[]): BuiltIn {
  return ({ registry }) => ({
    async run(self, ...all) {
      const given = new Given(all, ['task', 'it']);
      const name = given.signature('task').task;
      const task = registry.get(name);
      if (task === undefined) throw new NotRegistered(name);
      const results: unknown[] = [];
      for (const item of given.array('it')) {
        // Between items is where a limit is noticed that the function itself does not heed.
        self.signal.throwIfAborted();
        results.push((await callOne(task, self, argsOf(item))) ?? null);
      }
      return results;
    },
  });
}

async function callOne(task: RegisteredTask, self: TaskContext, args: readonly unknown[]): Promise<unknown> {
  const bound = bindArguments(task, args, {});
  if (task.defaults.bind !== true) return await task.run(...bound);
  const context: TaskContext = { ...createDirectContext(task.name, self.logger), signal: self.signal };
  try {
    return await task.run(context, ...bound);
  } catch (error) {
    // One item has no message of its own: all of them are tried again.
    if (isCeleryError(error) && error.name === 'Retry') self.retry((error as Retry).options);
    throw error;
  }
}
