/** Results out of result tuples, as they stand among children, in saved groups and in plans (celery.result.result_from_tuple). */

import { DecodeError } from '../errors.ts';
import { isTuple, type ResultTuple } from '../wire/result.ts';
import { AsyncResult } from './async-result.ts';
import { GroupResult } from './group-result.ts';
import { groupsOf } from './keeping.ts';
import type { ResultSource } from './result-base.ts';

/** The result a tuple stands for, with its parents. @throws DecodeError for what is no result tuple */
export function resultFromTuple(tuple: ResultTuple, source: () => ResultSource): AsyncResult | GroupResult {
  if (!isTuple(tuple))
    throw new DecodeError('bad-value', 'This is no result tuple, like [[id, parent], null] or [[id, parent], [members]].');
  return build(tuple, source);
}

/** A saved group; undefined when none is saved under this id. @throws BackendGetError, ImproperlyConfigured */
export async function restoreGroup(source: () => ResultSource, groupId: string): Promise<GroupResult | undefined> {
  const tuple = await groupsOf(source()).restore(groupId);
  if (tuple === undefined) return undefined;
  const result = resultFromTuple(tuple, source);
  return result instanceof GroupResult ? result : undefined;
}

/** From the oldest on, and so without going deeper for each task of a chain. */
function build(tuple: ResultTuple, source: () => ResultSource): AsyncResult | GroupResult {
  const line: ResultTuple[] = [];
  for (let next: ResultTuple | null = tuple; next; [[, next]] = next) line.push(next);
  let parent: AsyncResult | GroupResult | undefined;
  for (const [[id], members] of line.reverse()) {
    parent =
      members === null
        ? new AsyncResult(id, source, { parent })
        : new GroupResult(
            id,
            members.map((member) => build(member, source)),
            source,
            { parent },
          );
  }
  return parent!;
}
