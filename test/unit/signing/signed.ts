/** Signed messages and those who check them: the parts a case does not speak of are filled in. */

import { checkSignature } from '../../../src/signing/check.ts';
import { type Sealing, seal } from '../../../src/signing/seal.ts';
import type { SigningOptions } from '../../../src/signing/signing.ts';
import type { Delivery, Outgoing } from '../../../src/transports/transport.ts';
import { decodeOuter } from '../../../src/wire/base64.ts';
import { openEnvelope } from '../../../src/wire/envelope.ts';
import { writeMessage } from '../../../src/wire/protocol-write.ts';
import type { TaskFields } from '../../../src/wire/task-fields.ts';
import { NOON } from '../../support/fake-clock.ts';
import { fieldsWith } from '../../support/messages.ts';
import { createRecordingTransport } from '../../support/recording.ts';

export const KEY = 'k'.repeat(32);
export const OTHER_KEY = 'o'.repeat(32);

export const signingWith = (more: Partial<SigningOptions> = {}): SigningOptions => ({ keys: { main: KEY }, current: 'main', ...more });

const SIGNING = signingWith();

/** A message to `celery` that is not signed yet. */
export function outgoingWith(fields: Partial<TaskFields> = {}, more: Partial<Outgoing> = {}): Outgoing {
  return { queue: 'celery', id: 'id-1', body: writeMessage(fieldsWith(fields)), ...more };
}

export async function sealed(outgoing: Outgoing = outgoingWith(), sealing: Partial<Sealing> = {}): Promise<Outgoing> {
  return await seal(outgoing, { signing: SIGNING, transport: createRecordingTransport(), fromMs: NOON, ...sealing });
}

export const deliveryOf = (body: string, queue = 'celery'): Delivery => ({ messageId: 'm-1', queue, body, receiveCount: 1 });

export const check = (body: string, { signing = SIGNING, queue = 'celery', nowMs = NOON } = {}) =>
  checkSignature(deliveryOf(body, queue), signing, nowMs);

/** The code it is refused with; undefined when it is believed. */
export const codeOf = async (body: string, how?: Parameters<typeof check>[1]): Promise<string | undefined> =>
  (await check(body, how))?.code;

/** The envelope as an object to be changed. */
export const parsed = (body: string): Record<string, unknown> & { properties: Record<string, unknown>; headers: Record<string, unknown> } =>
  JSON.parse(decodeOuter(body));

/** The message with its envelope changed. */
export function changed(body: string, change: (envelope: ReturnType<typeof parsed>) => void): string {
  const envelope = parsed(body);
  change(envelope);
  return JSON.stringify(envelope);
}

export const signatureIn = (body: string): string => String(openEnvelope(body).properties['celeriac_signature']);
