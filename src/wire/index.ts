/** './wire': what crosses the network, for those who read or write Celery's messages without the rest. */

export { decodeBase64, decodeOuter, encodeBase64 } from './base64.ts';
export { type Codec, type CodecOptions, type Codecs, createCodecs, type EncodeOptions, jsonCodec } from './codecs.ts';
export { type Compression, compress, decompress } from './compression.ts';
export { bodyBytes, bodyText, openEnvelope, sealEnvelope } from './envelope.ts';
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
export { type ReadLimits as JsonReadLimits, readJson, type WriteOptions as JsonWriteOptions, writeJson } from './json.ts';
export { type ReadOptions, readMessage } from './protocol-read.ts';
export { type WriteOptions, writeMessage } from './protocol-write.ts';
export { readSignature, writeSignature } from './signature.ts';
export { type TaskFields, toFields } from './task-fields.ts';
