/** One task called for many items: one after another (celery.canvas.xmap, xstarmap), or in chunks that run side by side (chunks). */

import { ImproperlyConfigured } from '../errors.ts';
import type { GroupResult } from '../results/group-result.ts';
import type { SignatureData } from '../wire/message.ts';
import { type Group, group } from './group.ts';
import { type AnySignature, Signature, type SignatureSender } from './signature.ts';
import type { Args } from './step.ts';

/** `celery.map` calls the task with each item, `celery.starmap` with the items of each, `celery.chunks` is a group of starmaps. */
export function mapped(kind: 'map' | 'starmap' | 'chunks', task: AnySignature, items: Args, more: object = {}): SignatureData {
  if (!Array.isArray(items)) throw new ImproperlyConfigured(`${kind}() takes an array of items.`);
  return {
    task: `celery.${kind}`,
    args: [],
    kwargs: { task: task.toData(), it: items, ...more },
    options: {},
    subtask_type: kind === 'chunks' ? kind : `x${kind}`,
    immutable: true,
  };
}

/**
 * Calls of one task in chunks (celery.canvas.chunks). Sending it gives the result of a group, whose members are the arrays of results
 * of each chunk. Within a chain it is one task that sends the group and does not wait for it: compose `group()` instead.
 */
export class Chunks<R> extends Signature<Args, unknown, GroupResult<R[][]>> {
  readonly #sender: SignatureSender;

  constructor(data: SignatureData, sender: SignatureSender) {
    super(data, sender);
    this.#sender = sender;
  }

  /** The group of starmaps it comes to. */
  group(): Group<Args, R[][]> {
    const { task, it, n } = this.kwargs as { task: SignatureData; it: Args; n: number };
    const parts: Signature<Args, R[]>[] = [];
    for (let from = 0; from < it.length; from += n) {
      parts.push(new Signature(mapped('starmap', { toData: () => task }, it.slice(from, from + n)), this.#sender));
    }
    return group(parts);
  }

  /** @throws ImproperlyConfigured unless the size is a whole number above 0 */
  static of(task: AnySignature, items: Args, size: number, sender: SignatureSender): Chunks<unknown> {
    if (!Number.isInteger(size) || size < 1)
      throw new ImproperlyConfigured(`chunks() has the size ${size}; expected a whole number above 0.`);
    return new Chunks(mapped('chunks', task, items, { n: size }), sender);
  }
}
