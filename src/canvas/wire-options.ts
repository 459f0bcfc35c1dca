/** Options of a call as they stand in a signature, under Celery's own names (celery.canvas.Signature.options). */

import type { ApplyOptions } from './call-options.ts';
import type { WireOptions } from './plan.ts';
import { type AnySignature, dataOf } from './step.ts';

/** Named by SQS, not by Celery. */
const SQS_NAMES: ReadonlyMap<string, string> = new Map([
  ['messageGroupId', 'MessageGroupId'],
  ['messageDeduplicationId', 'MessageDeduplicationId'],
  ['delaySeconds', 'DelaySeconds'],
]);

/** An option's name in Celery: ours in snake_case. */
export function wireName(name: string): string {
  return SQS_NAMES.get(name) ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What is undefined is not given; stamps stand as Celery has them, `stamped_headers` and one option for each. */
export function toWireOptions(options: ApplyOptions): WireOptions {
  const { link, linkError, chain, chord, stamps, properties, retryPolicy, kwargs: _, ...same } = options;
  const pairs: [string, unknown][] = [];
  for (const [name, value] of Object.entries(same)) if (value !== undefined) pairs.push([wireName(name), value]);
  if (link !== undefined) pairs.push(['link', toDataList('link', link)]);
  if (linkError !== undefined) pairs.push(['link_error', toDataList('linkError', linkError)]);
  if (chain !== undefined) pairs.push(['chain', toDataList('chain', chain)]);
  if (chord !== undefined) pairs.push(['chord', dataOf(chord, 'The option chord')]);
  if (retryPolicy !== undefined) pairs.push(['retry_policy', renamed(retryPolicy, wireName)]);
  if (stamps !== undefined) pairs.push(['stamped_headers', Object.keys(stamps)], ...Object.entries(stamps));
  return Object.fromEntries([...Object.entries(properties ?? {}), ...pairs]);
}

const toDataList = (name: string, given: AnySignature | readonly AnySignature[]): readonly unknown[] =>
  [given].flat().map((signature) => dataOf(signature, `The option ${name}`));

export function renamed(given: object, nameOf: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [nameOf(name), value]));
}
