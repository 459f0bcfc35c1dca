/** A message that is too large for the queue becomes a small one, and its body goes to the store. */

import { MessageTooLarge } from '../errors.ts';
import { messageBytes } from '../transports/message-bytes.ts';
import type { Limits, Outgoing } from '../transports/transport.ts';
import { encodeUtf8 } from '../wire/base64.ts';
import { openEnvelope } from '../wire/envelope.ts';
import { sealLike } from '../wire/seal.ts';
import type { LargeMessages } from './large-messages.ts';
import { digestOf } from './name.ts';
import { toSmall } from './pointer.ts';

/** What is left free of the transport's limit for attributes and properties that are added on the way. */
const HEADROOM_BYTES = 16_384;

/**
 * The message as it is where it fits; else a small one, once its body is in the store. The same body of the same task goes to the same
 * place, so that sending it again puts nothing new.
 *
 * @throws MessageTooLarge where even that does not fit, or nobody would fetch the body; OperationalError where it could not be put
 */
export async function offload(outgoing: Outgoing, taskId: string, large: LargeMessages, limits: Limits): Promise<Outgoing> {
  const bytes = messageBytes(outgoing);
  if (bytes <= Math.min(large.thresholdBytes ?? limits.messageBytes - HEADROOM_BYTES, limits.messageBytes)) return outgoing;
  const envelope = openEnvelope(outgoing.body, { messageBytes: Number.POSITIVE_INFINITY });
  const payload = encodeUtf8(envelope.body);
  const name = { taskId, sha256: digestOf(payload) };
  const small = { ...outgoing, body: sealLike(outgoing.body, toSmall(envelope, name, payload.byteLength)) };
  const smallBytes = messageBytes(small);
  // What is large is not the body.
  if (smallBytes >= bytes && bytes <= limits.messageBytes) return outgoing;
  if (smallBytes > limits.messageBytes) throw new MessageTooLarge(smallBytes, limits.messageBytes);
  if (payload.byteLength > large.maxBytes) throw new MessageTooLarge(payload.byteLength, large.maxBytes);
  await large.put(name, payload);
  return small;
}
