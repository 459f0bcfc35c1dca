/** What sending a chord comes to (celery.canvas _chord.apply_async and run): its body frozen and noted, its header sent. */

import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { linksOf } from './callbacks.ts';
import { freezeGroup } from './freezing.ts';
import type { FrozenResult } from './frozen-result.ts';
import { bodyOf, withCallbacks } from './links.ts';
import { readNode } from './node-data.ts';
import {
  type ChordNode,
  clone,
  cloneWith,
  type GroupNode,
  groupNode,
  isEmptyGroup,
  mergedArgs,
  type Node,
  type Options,
  overlaid,
} from './nodes.ts';
import { chordOption, type NodeCall, type Planner, textOption } from './planner.ts';
import { completions, type GroupSent, sendGroup } from './sending.ts';
import { splitChords, stripHeaders } from './steps.ts';

/** When something starts: of a chord's options, those for its header alone. */
const DELAYS = ['countdown', 'eta'] as const;

export function sendChord(node: ChordNode, call: NodeCall, planner: Planner): FrozenResult {
  const { body: givenBody, ...partial } = call.kwargs;
  const { task_id: calledId, link, link_error, ...given } = call.options;
  const { delay, others } = withoutDelay(given);
  const header = headerOf(node, planner);
  const chosen = isRecord(givenBody) ? readNode(givenBody as unknown as SignatureData) : bodyOf(node);
  const body = cloneWith(chosen, { options: forBody(others) });
  const callbacks = { ...('link' in call.options && { link }), ...('link_error' in call.options && { link_error }) };
  const { options, delay: ownDelay } = runOptions(node, { ...others, ...callbacks });
  const parts: ChordParts = {
    header,
    body,
    options,
    delay: { ...ownDelay, ...delay },
    bodyId: textOption({ calledId }, 'calledId') ?? textOption(node.options, 'task_id') ?? planner.newId(),
    waiting: waitingOf({ ...node.options, ...others }),
  };
  const kwargs = isRecord(node.rest['kwargs']) ? { ...node.rest['kwargs'], ...partial } : partial;
  return run(parts, { args: mergedArgs(node, call.args), kwargs }, planner);
}

interface ChordParts {
  readonly header: GroupNode;
  readonly body: Node;
  /** The chord's own and the call's, for both. */
  readonly options: Options;
  readonly delay: Options;
  readonly bodyId: string;
  readonly waiting: { readonly interval?: number; readonly maxRetries?: number };
}

function run(parts: ChordParts, { args, kwargs }: Pick<NodeCall, 'args' | 'kwargs'>, planner: Planner): FrozenResult {
  const { header, delay, bodyId, waiting } = parts;
  const { link, link_error, ...options } = parts.options;
  const groupId = textOption(header.options, 'task_id') ?? planner.newId();
  const rootId = textOption(parts.body.options, 'root_id');
  const body = withCallbacks(parts.body, linksOf(link), linksOf(link_error));
  body.options = overlaid(body.options, forBody(options), isPart(body) ? GROUP_ID : NONE);
  if (body.kind === 'chain') splitChords(body, planner.errbacksOnChordHeader);
  const result = planner.freeze(body, { id: bodyId, groupId, rootId });
  stripHeaders(body);
  header.options['task_id'] = groupId;
  const noted = freezeGroup(header, { groupId, chord: body, rootId }, planner);
  if (header.tasks.length === 0) {
    planner.send(body, { args: [[]], kwargs: {}, options: {} });
    result.parent = noted;
    return result;
  }
  // A body that is an empty group is nothing to call: no part of the header carries it.
  const note = ({ members }: GroupSent): void =>
    isEmptyGroup(body)
      ? undefined
      : planner.note({ groupId, size: completions(members.map((member) => member.node)), header: noted, body, ...waiting });
  const { chain: _one, chord: _two, ...ofHeader } = options;
  result.parent = sendGroup(header, { args, kwargs, options: { ...ofHeader, ...delay, task_id: groupId } }, planner, note);
  return result;
}

const GROUP_ID: ReadonlySet<string> = new Set(['group_id']);
const NONE: ReadonlySet<string> = new Set();

/**
 * Whether the body is part of a chord itself. Then it counts for the group it was frozen with, whichever group the chord is sent in: where
 * that is the end of a chain in a header, Celery has it count for the wrong one, and the chord around it waits for ever.
 */
function isPart({ options }: Node): boolean {
  return chordOption(options['chord']) !== undefined;
}

function headerOf({ header, options }: ChordNode, { newId }: Planner): GroupNode {
  if (!Array.isArray(header)) return clone(header);
  return groupNode([...header], { options: { task_id: textOption(options, 'task_id') ?? newId() } });
}

/** The part of the header that calls the body is its parent. */
function forBody({ parent_id: _unused, ...options }: Options): Options {
  return options;
}

function withoutDelay(options: Options): { delay: Options; others: Options } {
  const isDelay = ([name, value]: readonly [string, unknown]): boolean =>
    DELAYS.includes(name as never) && value !== null && value !== undefined;
  const entries = Object.entries(options);
  return {
    delay: Object.fromEntries(entries.filter(isDelay)),
    others: Object.fromEntries(entries.filter((entry) => !isDelay(entry))),
  };
}

/** What running a chord takes for itself from a call; what the chord's own options say of it reaches header and body as well. */
const OWN_NAMES: ReadonlySet<string> = new Set(['app', 'interval', 'max_retries', 'eager', 'kwargs', 'header_delay', ...DELAYS]);

function runOptions({ options }: ChordNode, called: Options): { options: Options; delay: Options } {
  const passed = Object.entries(called).filter(([name]) => !OWN_NAMES.has(name));
  const { delay, others } = withoutDelay({ ...options, ...Object.fromEntries(passed) });
  const { task_id: _one, countdown: _two, eta: _three, ...rest } = others;
  return { options: rest, delay };
}

function waitingOf({ interval, max_retries }: Options): ChordParts['waiting'] {
  return { ...(typeof interval === 'number' && { interval }), ...(typeof max_retries === 'number' && { maxRetries: max_retries }) };
}
