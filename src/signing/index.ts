/** './signing': what signing is told, and Celery's own `auth` serializer. Messages are signed by app.connect's `signing`. */

export { type AuthCodecOptions, type AuthDigest, createAuthCodec } from './auth-codec.ts';
export type { SignatureCode, SignatureFault } from './check.ts';
export type { SigningKey, SigningOptions } from './signing.ts';
