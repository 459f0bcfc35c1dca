/** Puts the signature on a message. */

import { isCeleryError, OperationalError } from '../errors.ts';
import { isFifo, type Outgoing, type Transport } from '../transports/transport.ts';
import { openEnvelope } from '../wire/envelope.ts';
import { sealLike } from '../wire/seal.ts';
import { SIGNATURE_PROPERTY } from './canonical.ts';
import { keyringOf } from './keyring.ts';
import type { SigningKey, SigningOptions } from './signing.ts';
import { type Claims, statementOf, writeSignature } from './statement.ts';

export interface Sealing {
  readonly signing: SigningOptions;
  readonly transport: Transport;
  /** From when on the signature's age counts, milliseconds since 1970. */
  readonly fromMs: number;
}

/** How large a message may be is the transport's to say, when it is sent. */
const ANY_SIZE = { messageBytes: Number.POSITIVE_INFINITY };

/**
 * The message with its signature, one that it had replaced. Plain text stays plain, base64 stays base64.
 *
 * @throws ImproperlyConfigured, OperationalError when a key elsewhere did not sign, and what the transport throws for a queue without a name
 */
export async function seal(outgoing: Outgoing, { signing, transport, fromMs }: Sealing): Promise<Outgoing> {
  const { current } = keyringOf(signing);
  const envelope = openEnvelope(outgoing.body, ANY_SIZE);
  const claims: Claims = {
    keyId: current.id,
    time: String(Math.max(0, Math.trunc(fromMs))),
    queue: await receiversName(outgoing, transport),
  };
  const code = await signed(current.key, current.id, statementOf(claims, envelope));
  const properties = { ...envelope.properties, [SIGNATURE_PROPERTY]: writeSignature(claims, code) };
  const deduplication = await deduplicationOf(outgoing, claims.queue, current);
  return { ...outgoing, ...deduplication, body: sealLike(outgoing.body, { ...envelope, properties }) };
}

/** A FIFO queue drops what comes under an id that it has seen, whoever sent that: ours are not to be guessed, as that of a retry could be. */
async function deduplicationOf(
  { id, messageDeduplicationId }: Outgoing,
  queue: string,
  { id: keyId, key }: { readonly id: string; readonly key: SigningKey },
): Promise<Pick<Outgoing, 'messageDeduplicationId'>> {
  if (!isFifo(queue) || messageDeduplicationId !== undefined) return {};
  const code = await signed(key, keyId, Buffer.from(JSON.stringify(['celeriac deduplication v1', queue, id])));
  return { messageDeduplicationId: Buffer.from(code).toString('hex') };
}

async function receiversName({ queue, ownName }: Outgoing, transport: Transport): Promise<string> {
  return ownName === true || transport.nameOf === undefined ? queue : await transport.nameOf(queue);
}

async function signed(key: SigningKey, id: string, statement: Uint8Array): Promise<Uint8Array> {
  try {
    const code = await key.sign(statement);
    if (code.length === 32) return code;
    throw new OperationalError(`The key '${id}' gave a code of ${code.length} bytes; HMAC-SHA-256 has 32.`, { retryable: false });
  } catch (cause) {
    if (isCeleryError(cause)) throw cause;
    throw new OperationalError(`The message is not sent: the key '${id}' did not sign it.`, { retryable: true, cause });
  }
}
