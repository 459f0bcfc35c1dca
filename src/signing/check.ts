/** Holds a message against its signature: before its body is decoded, decompressed or looked at. */

import type { Delivery } from '../transports/transport.ts';
import { parseIso } from '../wire/dates.ts';
import { openEnvelope } from '../wire/envelope.ts';
import type { Envelope } from '../wire/message.ts';
import { SIGNATURE_PROPERTY } from './canonical.ts';
import { type Keyring, keyringOf } from './keyring.ts';
import type { SigningOptions } from './signing.ts';
import { type Claims, readSignature, statementOf } from './statement.ts';

/** Why a message is not believed, as the code on the dead message. */
export type SignatureCode =
  | 'unsigned'
  | 'unknown-key'
  | 'bad-signature'
  | 'wrong-queue'
  | 'signature-too-old'
  | 'signature-from-the-future';

export interface SignatureFault {
  readonly code: SignatureCode;
  readonly reason: string;
}

/** How far the clocks of sender and receiver may be apart. */
const SKEW_MS = 300_000;

/**
 * Why the message is not believed; undefined when it is. A signature that is there is checked even where none is asked for.
 * Rejects when that could not be found out. @throws ImproperlyConfigured
 */
export async function checkSignature(delivery: Delivery, signing: SigningOptions, nowMs: number): Promise<SignatureFault | undefined> {
  const keyring = keyringOf(signing);
  const envelope = opened(delivery.body);
  if (envelope instanceof Error) return missing(delivery, keyring, `it is nothing that could carry one: ${envelope.message}`);
  if (!Object.hasOwn(envelope.properties, SIGNATURE_PROPERTY))
    return missing(delivery, keyring, `its property ${SIGNATURE_PROPERTY} is not there.`);
  const signature = readSignature(envelope.properties[SIGNATURE_PROPERTY]);
  if (signature === undefined) return fault('bad-signature', `The property ${SIGNATURE_PROPERTY} is no signature of version 1.`);
  const { claims, code } = signature;
  const key = keyring.keys.get(claims.keyId);
  if (key === undefined) return fault('unknown-key', `The message is signed with the key '${claims.keyId}', which is not in signing.keys.`);
  if (!(await key.verify(statementOf(claims, envelope), code))) {
    return fault('bad-signature', `The message is not what was signed with the key '${claims.keyId}', or the key is another.`);
  }
  return misplaced(claims, delivery.queue) ?? mistimed(claims, envelope, keyring, nowMs);
}

function opened(text: string): Envelope | Error {
  try {
    return openEnvelope(text);
  } catch (error) {
    return error as Error;
  }
}

/** Unreadable text goes on to its reader only where unsigned text may: there it may be a pointer to a large message. */
function missing({ queue }: Delivery, { unsignedFrom }: Keyring, why: string): SignatureFault | undefined {
  return unsignedFrom.has(queue) ? undefined : fault('unsigned', `The message has no signature: ${why}`);
}

function misplaced(claims: Claims, queue: string): SignatureFault | undefined {
  if (claims.queue === queue) return undefined;
  return fault('wrong-queue', `The message was signed for the queue '${claims.queue}', and came through '${queue}'.`);
}

function mistimed({ time }: Claims, envelope: Envelope, { maxAgeMs }: Keyring, nowMs: number): SignatureFault | undefined {
  const age = nowMs - Number(time);
  if (age > maxAgeMs) {
    return fault('signature-too-old', `The signature is ${seconds(age)} s old; at most ${seconds(maxAgeMs)} are taken (signing.maxAge).`);
  }
  if (-age <= SKEW_MS || waitsFor(envelope, Number(time))) return undefined;
  return fault(
    'signature-from-the-future',
    `The signature is dated ${seconds(-age)} s ahead: the clock of its sender or of this worker is wrong.`,
  );
}

/** A message that waits is dated by its eta, and may be looked at on the way. In protocol 1 the eta is in the body, which is not opened here. */
function waitsFor({ headers }: Envelope, timeMs: number): boolean {
  const { task, eta } = headers;
  if (task === undefined) return true;
  try {
    return typeof eta === 'string' && timeMs <= parseIso(eta).epochMs + SKEW_MS;
  } catch {
    return false;
  }
}

const seconds = (ms: number): number => Math.round(ms / 1000);

const fault = (code: SignatureCode, reason: string): SignatureFault => ({ code, reason });
