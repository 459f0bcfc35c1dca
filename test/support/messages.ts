/** Builders of message bodies: a whole envelope by default, any part of it otherwise. */

import { jsonCodec, type TaskFields } from '../../src/wire/index.ts';

export const EMPTY_EMBED = { callbacks: null, errbacks: null, chain: null, chord: null };

export interface EnvelopeParts {
  /** Encoded as JSON in base64, unless `rawBody` is given. */
  readonly body?: unknown;
  readonly rawBody?: unknown;
  readonly headers?: unknown;
  readonly properties?: unknown;
  readonly contentType?: unknown;
  readonly contentEncoding?: unknown;
}

const hasOwn = (parts: EnvelopeParts, key: keyof EnvelopeParts): boolean => Object.hasOwn(parts, key);

/** An envelope as an object; a part given as undefined is left out. */
export function envelopeOf(parts: EnvelopeParts = {}): Record<string, unknown> {
  const body = hasOwn(parts, 'body') ? parts.body : [[2, 3], {}, EMPTY_EMBED];
  return {
    body: hasOwn(parts, 'rawBody') ? parts.rawBody : base64(JSON.stringify(body)),
    'content-encoding': hasOwn(parts, 'contentEncoding') ? parts.contentEncoding : 'utf-8',
    'content-type': hasOwn(parts, 'contentType') ? parts.contentType : 'application/json',
    headers: hasOwn(parts, 'headers') ? parts.headers : { task: 'proj.add', id: 'id-1' },
    properties: hasOwn(parts, 'properties') ? parts.properties : { body_encoding: 'base64' },
  };
}

/** The same as plain JSON text, which a reader takes as well as base64. */
export function envelopeText(parts: EnvelopeParts = {}): string {
  return JSON.stringify(envelopeOf(parts));
}

/** Headers of a minimal task and whatever else is given. */
export function headersWith(more: Record<string, unknown>): Record<string, unknown> {
  return { task: 'proj.add', id: 'id-1', ...more };
}

/** Fields of a minimal task and whatever else is given. */
export function fieldsWith(more: Partial<TaskFields> = {}): TaskFields {
  return { task: 'proj.add', id: 'id-1', args: [2, 3], kwargs: {}, routingKey: 'celery', codec: jsonCodec, deliveryTag: 'tag-1', ...more };
}

export function base64(data: string | Uint8Array): string {
  return Buffer.from(data).toString('base64');
}

/** What a function throws, to be looked at. Fails when it throws nothing. */
export function thrownBy(act: () => unknown): {
  readonly name?: string;
  readonly code?: string;
  readonly path?: string;
  readonly message: string;
} {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
