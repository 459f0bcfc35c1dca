/** Waiting for all of a result: from what is kept and what ends, the value of a task or the values of a group. */

import { SyncSubtaskError } from '../errors.ts';
import type { ResultDocument } from '../wire/result.ts';
import { type Documents, keepDocument, keptDocument, leavesOf } from './documents.ts';
import { storedValue, throwFailure } from './outcome.ts';
import type { GetOptions, ReadingSource, ResultNode } from './source.ts';
import { type Ending, endings } from './waiting.ts';

/** A task's value, or the values of a group's members in their order. */
export async function get(node: ResultNode, source: ReadingSource, options: GetOptions = {}): Promise<unknown> {
  if (node.ignored === true) return null;
  refuseInTask(source, options);
  const documents = new Map<string, ResultDocument>();
  for await (const [id, document] of awaited(node, source, options)) documents.set(id, document);
  return assemble(node, documents);
}

/** The members of a group with their values, as they end. */
export async function* iterate<Node extends ResultNode>(
  group: ResultNode & { readonly results: readonly Node[] },
  source: ReadingSource,
  options: GetOptions = {},
): AsyncGenerator<[result: Node, value: unknown], void> {
  refuseInTask(source, options);
  const documents = new Map<string, ResultDocument>();
  const waitingFor = new Map<Node, number>();
  const membersOf = new Map<string, Set<Node>>();
  for (const member of group.results) {
    const ids = new Set(leavesOf(member).flatMap(({ id, ignored }) => (ignored === true ? [] : [id])));
    if (ids.size === 0) yield [member, assemble(member, documents)];
    waitingFor.set(member, ids.size);
    for (const id of ids) membersOf.set(id, (membersOf.get(id) ?? new Set()).add(member));
  }
  for await (const [id, document] of awaited(group, source, options)) {
    documents.set(id, document);
    for (const member of membersOf.get(id)!) {
      const left = waitingFor.get(member)! - 1;
      waitingFor.set(member, left);
      if (left === 0) yield [member, assemble(member, documents)];
    }
  }
}

/** Celery's assert_will_not_block: whoever waits takes the place of whom it waits for. */
function refuseInTask(source: ReadingSource, { disableSyncSubtasks = true }: GetOptions): void {
  if (disableSyncSubtasks && source.insideTask()) {
    throw new SyncSubtaskError(
      'A task must not wait for another: link or chain what comes after, or give disableSyncSubtasks: false where workers are left for it.',
    );
  }
}

/** Each task of the result as it ends, from what is kept or from the backend. Throws the failure of a task before it or, with `propagate`, its own. */
async function* awaited(node: ResultNode, source: ReadingSource, options: GetOptions): AsyncGenerator<Ending, void> {
  const { propagate = true, followParents = true } = options;
  const leaves = byId(leavesOf(node));
  const parents = byId(propagate && followParents ? ancestorsOf(node) : []);
  for (const id of leaves.keys()) parents.delete(id);
  const take = ([id, document]: Ending): Ending | undefined => {
    for (const task of leaves.get(id) ?? parents.get(id)!) keepDocument(task, document);
    if (propagate) throwFailure(document);
    return leaves.has(id) ? [id, document] : undefined;
  };
  const wanted: string[] = [];
  const aside: string[] = [];
  const known: Ending[] = [];
  for (const [tasks, open] of [[parents, aside] as const, [leaves, wanted] as const]) {
    for (const [id, [task]] of tasks) {
      const document = keptDocument(task!);
      if (document === undefined) open.push(id);
      else known.push([id, document]);
    }
  }
  for (const ending of known) {
    const taken = take(ending);
    if (taken !== undefined) yield taken;
  }
  if (wanted.length === 0) return;
  for await (const ending of endings({ wanted, aside }, source, options)) {
    const taken = take(ending);
    if (taken !== undefined) yield taken;
  }
}

function byId(tasks: readonly ResultNode[]): Map<string, ResultNode[]> {
  const found = new Map<string, ResultNode[]>();
  for (const task of tasks) {
    if (task.ignored === true) continue;
    const same = found.get(task.id);
    if (same === undefined) found.set(task.id, [task]);
    else same.push(task);
  }
  return found;
}

/** The tasks that came before, the oldest first: those before it, and before each of its members. */
function ancestorsOf(node: ResultNode): ResultNode[] {
  const seen = new Set<string>();
  const found: ResultNode[] = [];
  for (const start of new Set([node, ...leavesOf(node)])) {
    const line: ResultNode[] = [];
    for (let { parent } = start; parent !== undefined && !seen.has(parent.id); parent = parent.parent) {
      seen.add(parent.id);
      line.push(parent);
    }
    for (const parent of line.reverse()) for (const task of leavesOf(parent)) found.push(task);
  }
  return found;
}

/** What documents make of a result: its value, or its members'. */
export function assemble(node: ResultNode, documents: Documents): unknown {
  if (node.results !== undefined) return node.results.map((member) => assemble(member, documents));
  return node.ignored === true ? null : storedValue(documents.get(node.id));
}
