/** './wire': what crosses the network, for those who read or write Celery's messages and results without the rest. */

export { decodeBase64, decodeOuter } from './base64.ts';
export { type Codec, type CodecOptions, type Codecs, createCodecs, type EncodeOptions, type Encoders, jsonCodec } from './codecs.ts';
export { type Compression, compress, decompress } from './compression.ts';
export { formatIso, parseIso } from './dates.ts';
export type { Decoder, Decoders } from './decoders.ts';
export { bodyBytes, bodyText, openEnvelope } from './envelope.ts';
export { decodeException, type EncodedException, type ExceptionFields, encodeException } from './exception.ts';
export { type ReadLimits as JsonReadLimits, readJson, type WriteOptions as JsonWriteOptions, writeJson } from './json.ts';
export { DEFAULT_LIMITS, type ReadLimits } from './limits.ts';
export {
  type DeliveryInfo,
  EMPTY_EMBED,
  type Embed,
  type Envelope,
  type Properties,
  type SignatureData,
  type TaskHeaders,
  type TaskMessage,
} from './message.ts';
export { type ReadOptions, readMessage } from './protocol-read.ts';
export { writeMessage } from './protocol-write.ts';
export { argsRepr, kwargsRepr, type ReprOptions, saferepr } from './repr.ts';
export { type ResultDocument, type ResultFields, type ResultTuple, readResult, toResultDocument, writeResult } from './result.ts';
export { sealEnvelope } from './seal.ts';
export { readSignature, writeSignature } from './signature.ts';
export { type TaskFields, toFields } from './task-fields.ts';
export { encodeBase64 } from './to-base64.ts';
export { Decimal, isBytes, isPyValue, PyDate, PyDateTime, PyTime, type PyValue, Uuid, type ValueKind } from './values.ts';
export type { WriteOptions } from './write-options.ts';
