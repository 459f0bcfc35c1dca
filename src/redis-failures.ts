/** What went wrong in Redis, in the names of our error tree. */

import { BackendGetError, BackendStoreError, isCeleryError } from './errors.ts';

/** Rejects with BackendStoreError; what is written is named, like `Group 42`. */
export async function writing<Value>(what: string, written: Promise<Value>): Promise<Value> {
  try {
    return await written;
  } catch (cause) {
    if (isOurs(cause)) throw cause;
    throw new BackendStoreError(`${what} could not be written to Redis: ${reason(cause)}`, { cause });
  }
}

/** Rejects with BackendGetError. */
export async function reading<Value>(what: string, read: Promise<Value>): Promise<Value> {
  try {
    return await read;
  } catch (cause) {
    if (isOurs(cause)) throw cause;
    throw new BackendGetError(`${what} could not be read from Redis: ${reason(cause)}`, { cause });
  }
}

/** What says best itself what is wrong: a value that cannot be written, a package that is missing. */
function isOurs(error: unknown): boolean {
  return isCeleryError(error) && error.name !== 'DecodeError';
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // A host of several addresses, none of which answers, has a code alone.
  return cause.message || String((cause as { code?: unknown }).code ?? cause.name);
}
