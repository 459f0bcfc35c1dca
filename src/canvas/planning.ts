/** What sending a signature comes to (celery.canvas: apply_async of tasks, chains, groups, chords, maps and chunks). Sends nothing. */

import type { SignatureData } from '../wire/message.ts';
import type { ResultTuple } from '../wire/result.ts';
import { freezeWith } from './freezer.ts';
import { type FrozenResult, resultOf, tupleOf } from './frozen-result.ts';
import { NodeWriter, readNode } from './node-data.ts';
import { isNode, type Node, type Options } from './nodes.ts';
import type { Plan, PlanCall, PlannedChord, PlannedTask } from './plan.ts';
import { type ChordNote, type NodeCall, type Placing, type Planner, textOption } from './planner.ts';
import { sendChain, sendGroup, sendTask } from './sending.ts';
import { sendChord } from './sending-chord.ts';

/**
 * The messages, chords and results of `signature`, called like Celery's apply_async. Options that are null or undefined are not given.
 *
 * @throws ImproperlyConfigured for a canvas that cannot be sent, EncodeError for a malformed signature
 */
export function planOf(signature: SignatureData, call: PlanCall): Plan {
  const planning = new Planning(call);
  const options = Object.fromEntries(Object.entries(call.options ?? {}).filter(([, value]) => value !== undefined));
  const result = planning.send(readNode(signature), { args: call.args ?? [], kwargs: call.kwargs ?? {}, options });
  return planning.plan(result);
}

class Planning implements Planner {
  readonly newId: () => string;
  readonly replyTo: string | undefined;
  readonly errbacksOnChordHeader: boolean;
  readonly #chords: PlannedChord[] = [];
  readonly #tasks: PlannedTask[] = [];
  readonly #children: ResultTuple[] = [];
  readonly #writer = new NodeWriter();

  constructor({ newId, replyTo, errbacksOnChordHeader = false }: PlanCall) {
    this.newId = newId;
    this.replyTo = replyTo;
    this.errbacksOnChordHeader = errbacksOnChordHeader;
  }

  freeze(node: Node, placing: Placing): FrozenResult {
    return freezeWith(this, node, placing);
  }

  send(node: Node, call: NodeCall): FrozenResult {
    switch (node.kind) {
      case 'task':
        return sendTask(node, call, this);
      case 'chain':
        return sendChain(node, call, this);
      case 'group':
        return sendGroup(node, call, this);
      case 'chord':
        return sendChord(node, call, this);
    }
  }

  emit(task: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>, given: Options): FrozenResult {
    const id = textOption(given, 'task_id') ?? this.newId();
    const { add_to_parent, ...options } = given;
    const written = Object.entries(this.#writer.options({ ...options, task_id: id }));
    this.#tasks.push({
      task,
      args,
      kwargs,
      options: Object.fromEntries(written.filter(([, value]) => value !== null && value !== undefined)),
    });
    const result = resultOf(id);
    if (add_to_parent !== false) this.trail(result);
    return result;
  }

  note({ header, body, ...chord }: ChordNote): void {
    this.#chords.push({ ...chord, header: tupleOf(header), body: isNode(body) ? this.#writer.shared(body) : body });
  }

  trail(result: FrozenResult): void {
    this.#children.push(tupleOf(result));
  }

  plan(result: FrozenResult): Plan {
    return { chords: this.#chords, tasks: this.#tasks, result: tupleOf(result), children: this.#children };
  }
}
