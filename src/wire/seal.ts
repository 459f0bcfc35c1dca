/** An envelope as the text of a message: the writing counterpart of envelope.ts. */

import { toAscii } from './json-text.ts';
import { writeJson } from './json-write.ts';
import type { Envelope } from './message.ts';
import { encodeBase64 } from './to-base64.ts';

/** Whether a message has its envelope in base64, and not as it is. */
export const isBase64Envelope = (text: string): boolean => !text.trimStart().startsWith('{');

/** Writes an envelope in the form that a message has it in. Throws EncodeError. */
export const sealLike = (text: string, envelope: Envelope): string => sealEnvelope(envelope, { base64: isBase64Envelope(text) });

/** Writes an envelope as a message body; base64 unless `base64` is false (transport option `sqs_base64_encoding`). Throws EncodeError. */
export function sealEnvelope(envelope: Envelope, options: { readonly base64?: boolean } = {}): string {
  const text = toAscii(writeJson(envelope, { root: 'envelope' }));
  return options.base64 === false ? text : encodeBase64(text);
}
