/**
 * Results too large for their store: the whole document goes to where there is room, and the store keeps a document that says so. Who
 * does not know of it reads a valid document whose result is a pointer; who does finds the whole one by the task's id and the digest
 * that stands beside the pointer. What the pointer itself says is never acted on.
 */

import { createHash } from 'node:crypto';
import { BackendGetError } from '../errors.ts';
import { EXCEPTION_STATES } from '../states.ts';
import { type ResultDocument, toResultDocument, writeResult } from '../wire/result.ts';
import { readResultPayload } from '../wire/result-payload.ts';

/** Where large documents go. It makes the place from the name it is given, and from nothing else. */
export interface LargeResults {
  putLarge(name: LargeResultName, payload: Uint8Array): Promise<void>;
  getLarge(name: LargeResultName): Promise<Uint8Array | undefined>;
  removeLarge(name: LargeResultName): Promise<void>;
}

/** Two documents of one task have two names, so that neither takes the other's place. */
export interface LargeResultName {
  readonly taskId: string;
  /** SHA-256 of the payload, in hexadecimal. */
  readonly sha256: string;
}

/** The one key of a pointer; Celery's Python shows it as any other result. */
export const POINTER = '__celeriac_large_result__';

const NOTE = 'The result is too large for its store and was put elsewhere; read it with celeriac.';
/** What is kept of an exception's text. */
const MESSAGE_CHARACTERS = 1_000;

/** Puts the document where there is room. @returns what the store keeps: documents to choose from, the fullest first */
export async function checkIn(
  document: ResultDocument,
  payload: Uint8Array,
  large: LargeResults,
): Promise<{ readonly sha256: string; readonly stubs: readonly string[] }> {
  const sha256 = digest(payload);
  await large.putLarge({ taskId: document.task_id, sha256 }, payload);
  const { status, children, date_done, group_id, parent_id, task_id } = document;
  const pointer = { [POINTER]: { sha256, bytes: payload.byteLength, note: NOTE } };
  const stub = toResultDocument({
    status,
    result: EXCEPTION_STATES.has(status) ? shortException(document.result, pointer) : pointer,
    children,
    date_done,
    ...(group_id !== undefined && { group_id }),
    ...(parent_id !== undefined && { parent_id }),
    task_id,
  });
  return { sha256, stubs: [stub, { ...stub, children: [] }].map(writeResult) };
}

/** The whole document. Rejects with BackendGetError where it is gone, or is another one. */
export async function checkOut(name: LargeResultName, large: LargeResults | undefined): Promise<ResultDocument> {
  const what = `The result of task ${name.taskId}`;
  if (large === undefined) throw new BackendGetError(`${what} was too large for its store; give the backend largeResults to read it.`);
  const payload = await large.getLarge(name);
  if (payload === undefined) throw new BackendGetError(`${what} was too large for its store, and is gone from where it was put.`);
  if (digest(payload) !== name.sha256) throw new BackendGetError(`${what} is not what was stored: its SHA-256 is another.`);
  return readResultPayload(payload);
}

/** A digest is part of a key, so it is nothing but one. */
export function isDigest(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{64}$/.test(text);
}

function digest(payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex');
}

/** Python makes an exception of it, so the class stays, and of the text what fits. */
function shortException(result: unknown, pointer: object): unknown {
  if (typeof result !== 'object' || result === null) return null;
  const { exc_type, exc_message, exc_module } = result as Readonly<Record<string, unknown>>;
  const text = Array.isArray(exc_message) ? exc_message[0] : exc_message;
  const isShort = typeof text === 'string' && text.length <= MESSAGE_CHARACTERS;
  return { exc_type, exc_message: [isShort ? text : NOTE], exc_module, ...pointer };
}
