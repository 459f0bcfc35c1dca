/** Options of a call as they stand in a signature, under Celery's own names (celery.canvas.Signature.options). */

import type { ApplyOptions, RetryPolicy } from './call-options.ts';
import type { WireOptions } from './plan.ts';
import { type AnySignature, dataOf } from './step.ts';

/** Our names and Celery's, where the value is the same on both sides. */
export const NAMES: readonly (readonly [keyof ApplyOptions, string])[] = [
  ['taskId', 'task_id'],
  ['countdown', 'countdown'],
  ['eta', 'eta'],
  ['expires', 'expires'],
  ['queue', 'queue'],
  ['priority', 'priority'],
  ['serializer', 'serializer'],
  ['compression', 'compression'],
  ['timeLimit', 'time_limit'],
  ['softTimeLimit', 'soft_time_limit'],
  ['shadow', 'shadow'],
  ['headers', 'headers'],
  ['ignoreResult', 'ignore_result'],
  ['replyTo', 'reply_to'],
  ['argsrepr', 'argsrepr'],
  ['kwargsrepr', 'kwargsrepr'],
  ['origin', 'origin'],
  ['retries', 'retries'],
  ['rootId', 'root_id'],
  ['parentId', 'parent_id'],
  ['groupId', 'group_id'],
  ['groupIndex', 'group_index'],
  ['replacedTaskNesting', 'replaced_task_nesting'],
  ['deliveryMode', 'delivery_mode'],
  ['retry', 'retry'],
  ['addToParent', 'add_to_parent'],
  ['messageGroupId', 'MessageGroupId'],
  ['messageDeduplicationId', 'MessageDeduplicationId'],
  ['delaySeconds', 'DelaySeconds'],
  ['messageAttributes', 'message_attributes'],
];

export const POLICY_NAMES: readonly (readonly [keyof RetryPolicy, string])[] = [
  ['maxRetries', 'max_retries'],
  ['intervalStart', 'interval_start'],
  ['intervalStep', 'interval_step'],
  ['intervalMax', 'interval_max'],
];

const TO_WIRE = new Map<string, string>(NAMES);

/** What is undefined is not given; stamps stand as Celery has them, `stamped_headers` and one option for each. */
export function toWireOptions(options: ApplyOptions): WireOptions {
  const { link, linkError, chain, chord, stamps, properties, retryPolicy, kwargs: _, ...same } = options;
  const pairs: [string, unknown][] = [];
  for (const [name, value] of Object.entries(same)) if (value !== undefined) pairs.push([TO_WIRE.get(name) ?? name, value]);
  if (link !== undefined) pairs.push(['link', toDataList('link', link)]);
  if (linkError !== undefined) pairs.push(['link_error', toDataList('linkError', linkError)]);
  if (chain !== undefined) pairs.push(['chain', toDataList('chain', chain)]);
  if (chord !== undefined) pairs.push(['chord', dataOf(chord, 'The option chord')]);
  if (retryPolicy !== undefined) pairs.push(['retry_policy', renamed(retryPolicy, new Map<string, string>(POLICY_NAMES))]);
  if (stamps !== undefined) pairs.push(['stamped_headers', Object.keys(stamps)], ...Object.entries(stamps));
  return Object.fromEntries([...Object.entries(properties ?? {}), ...pairs]);
}

const toDataList = (name: string, given: AnySignature | readonly AnySignature[]): readonly unknown[] =>
  [given].flat().map((signature) => dataOf(signature, `The option ${name}`));

export function renamed(given: object, names: ReadonlyMap<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [names.get(name) ?? name, value]));
}
