/** A chord whose body never runs: the body ends with the failure, its errbacks are called (celery Backend.chord_error_from_stack). */

import { createDirectRequest } from '../app/direct-context.ts';
import type { ChordJoin } from '../backends/backend.ts';
import { frozenMembers } from '../canvas/frozen-members.ts';
import { ChordError } from '../errors.ts';
import { FAILURE } from '../states.ts';
import { decodeException, encodeException } from '../wire/exception.ts';
import type { SignatureData } from '../wire/message.ts';
import { isRecord } from '../wire/records.ts';
import { saferepr } from '../wire/repr.ts';
import { readSignature } from '../wire/signature.ts';
import type { EndedPart } from './chord-part.ts';
import { callErrbacks } from './errbacks.ts';
import { failSteps, partsIn } from './fail-steps.ts';
import { buildBareDocument } from './results.ts';
import { isGroup, type Sending } from './sending.ts';
import { storeDocument } from './store-state.ts';
import { storedException } from './stored-errors.ts';

/** A part failed. @returns what ends with it: parts of chords around this one */
export async function failForPart(
  sending: Sending,
  body: SignatureData,
  { taskId, exception, traceback }: Extract<ChordJoin, { ok: false }>,
): Promise<readonly EndedPart[]> {
  const cause = decodeException(exception, traceback);
  const message = `Dependency ${taskId} raised ${exceptionRepr(exception)}`;
  return await failBody(sending, body, new ChordError(message, { cause, ...(traceback !== null && { traceback }) }), cause);
}

/** The body could not be sent. */
export async function failForBody(sending: Sending, body: SignatureData, cause: unknown): Promise<readonly EndedPart[]> {
  return await failBody(sending, body, new ChordError(`Callback error: ${errorRepr(cause)}`, { cause }), cause);
}

/** Errbacks first, then what is stored: Celery's order. A body that is a group fails member by member, with the cause itself. */
export async function failBody(sending: Sending, body: SignatureData, error: ChordError, cause: unknown): Promise<readonly EndedPart[]> {
  const ended = isGroup(body) ? await failGroup(sending, body, cause) : await failTask(sending, body, error);
  const { chain } = body.options;
  const after = Array.isArray(chain) ? await failSteps(sending, chain, { error, isStored: true }) : [];
  return [...ended, ...after];
}

async function failTask(sending: Sending, body: SignatureData, error: ChordError): Promise<readonly EndedPart[]> {
  const { task, args, kwargs, options } = body;
  const id = options['task_id'];
  const errbacks = signaturesOf(options['link_error']);
  if (typeof id === 'string' && errbacks.length > 0) {
    await callErrbacks(sending, { request: createDirectRequest(task, id, { args, kwargs }), errbacks, error, traceback: null });
  }
  return await failSteps(sending, [body], { error, isStored: true, isBare: true });
}

async function failGroup(sending: Sending, body: SignatureData, cause: unknown): Promise<readonly EndedPart[]> {
  const { parts } = sending;
  const { groupId, members } = frozenMembers(body);
  const stored = { state: FAILURE, error: cause };
  for (const { id, errbacks } of members) {
    await callErrbacks(sending, { request: createDirectRequest('unknown', id), errbacks, error: cause, traceback: null });
    await storeDocument(parts, buildBareDocument(id, stored, sending));
  }
  await storeDocument(parts, buildBareDocument(groupId, stored, sending));
  const result = storedException(cause, parts.settings);
  return signaturesOf(body.kwargs['tasks'])
    .flatMap(partsIn)
    .map((part) => ({ ...part, state: FAILURE, result }));
}

function signaturesOf(value: unknown): readonly SignatureData[] {
  if (Array.isArray(value)) return value.map(readSignature);
  return isRecord(value) ? [readSignature(value)] : [];
}

/** An error as Python prints it, `ValueError('boom')`. */
export const errorRepr = (error: unknown): string => exceptionRepr(encodeException(error));

function exceptionRepr(encoded: unknown): string {
  const { excType, excArgs } = decodeException(encoded);
  return `${excType.slice(excType.lastIndexOf('.') + 1)}(${excArgs.map((argument) => saferepr(argument)).join(', ')})`;
}
