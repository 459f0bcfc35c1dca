/** What a signature takes over that stands in for a task, or beside it in its chord. */

import type { ReplacedRequest } from '../canvas/replacing.ts';
import type { Request } from './request.ts';

export function replacedRequest({ id, group, groupIndex, message }: Request): ReplacedRequest & { readonly replacedTaskNesting: number } {
  const { root_id: rootId = null, replaced_task_nesting: replacedTaskNesting = 0 } = message.headers;
  return { ...message.embed, id, group, groupIndex, rootId, replacedTaskNesting };
}
