/**
 * Cloudflare's Workers keep their requests apart: none can wait for what another has begun, nor go on with it. A transport that two of
 * them shared would work until they meet, and then hold up all that come after.
 */

import { ImproperlyConfigured } from '../../errors.ts';
import type { SqsTransport } from '../sqs/late.ts';

/** In a Worker the transport is the request's that sends with it first; any other's send is ImproperlyConfigured. Elsewhere as it is. */
export function ofOneRequest(transport: SqsTransport): SqsTransport {
  if (!('WebSocketPair' in globalThis)) return transport;
  let first: AbortSignal | undefined;
  return {
    ...transport,
    async send(batch) {
      first ??= new AbortController().signal;
      if (isOfAnother(first)) {
        throw new ImproperlyConfigured(
          'The transport is used by a second request, which a Worker does not allow; create it, and the app with it, where the request is handled.',
        );
      }
      return await transport.send(batch);
    },
  };
}

/** A signal is one of the things that another request may not even look at. */
function isOfAnother(signal: AbortSignal): boolean {
  try {
    return signal.aborted;
  } catch {
    return true;
  }
}
