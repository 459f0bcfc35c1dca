/** Who waits for a chord whose body is a group (celery Backend._handle_group_chord_error): its members, and the errbacks of each. */

import { ImproperlyConfigured } from '../errors.ts';
import type { SignatureData } from '../wire/message.ts';
import { linksOf } from './callbacks.ts';
import { createFreezer } from './freezer.ts';
import { readNode } from './node-data.ts';
import type { Node } from './nodes.ts';
import { sameValue } from './same-value.ts';

/** The members of a group that waits for a chord, with the errbacks each one would call. */
export interface FrozenMembers {
  readonly groupId: string;
  readonly members: readonly FrozenMember[];
}

interface FrozenMember {
  /** Of its result: a chain's last task, a chord's body. */
  readonly id: string;
  /** Its own and the group's, each once. */
  readonly errbacks: readonly SignatureData[];
}

/** Whom to tell when the header of a chord failed whose body is this group. Members never given an id are nobody's to wait for. */
export function frozenMembers(body: SignatureData): FrozenMembers {
  const group = readNode(body);
  if (group.kind !== 'group') throw new ImproperlyConfigured(`The body ${body.task} is no group.`);
  const frozen = createFreezer({ newId: () => UNKNOWN }).freeze(group, {});
  const own = linksOf(group.options['link_error']);
  const ofTasks = new Map(group.tasks.map((task) => resultErrbacks(task)));
  const ids = (frozen.members ?? []).map(({ id }) => id).filter((id) => id !== UNKNOWN);
  return { groupId: frozen.id, members: ids.map((id) => ({ id, errbacks: once([...(ofTasks.get(id) ?? []), ...own]) })) };
}

const UNKNOWN = '';

/** The id of a task's result, and the errbacks that wait for it: of a chord its own and its body's, of a chain its own alone. */
function resultErrbacks(task: Node): readonly [id: unknown, errbacks: readonly SignatureData[]] {
  const own = linksOf(task.options['link_error']);
  if (task.kind === 'chord' && task.body !== undefined) {
    const [id, ofBody] = resultErrbacks(task.body);
    return [id, [...own, ...ofBody]];
  }
  const ofMembers = task.kind === 'group' ? task.tasks.flatMap((member) => resultErrbacks(member)[1]) : [];
  return [task.options['task_id'], [...own, ...ofMembers]];
}

function once(errbacks: readonly SignatureData[]): readonly SignatureData[] {
  const kept: SignatureData[] = [];
  for (const errback of errbacks) if (!kept.some((other) => sameValue(other, errback))) kept.push(errback);
  return kept;
}
