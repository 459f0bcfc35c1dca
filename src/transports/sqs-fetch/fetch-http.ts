/** HTTP over `fetch`, where there is no node:https. */

import type { Clock } from '../../clock.ts';
import { startTimer } from '../../timers.ts';
import { type Http, type HttpRequest, MAX_ANSWER_BYTES, timeoutError, tooLargeError } from './http.ts';
import type { Place } from './place.ts';

export function createFetchHttp(fetch: typeof globalThis.fetch, place: Place, clock: Clock): Http {
  return {
    async post({ headers, body, timeoutMs, signal }: HttpRequest) {
      const late = new AbortController();
      const stopTimer = startTimer(clock, timeoutMs, () => late.abort(timeoutError('no answer', timeoutMs)));
      try {
        const response = await fetch(place.url, {
          method: 'POST',
          // `host` is fetch's own to set, out of the address.
          headers: headers.filter(([name]) => name !== 'host').map(([name, value]): [string, string] => [name, value]),
          body,
          // A signature is good for one host.
          redirect: 'manual',
          signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
        });
        const text = await readText(response);
        return { status: response.status, text, header: (name) => response.headers.get(name) ?? undefined };
      } catch (error) {
        if (late.signal.aborted) throw late.signal.reason;
        throw told(error);
      } finally {
        stopTimer();
      }
    },
    close() {},
  };
}

async function readText({ body }: Response): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const utf8 = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    bytes += value!.byteLength;
    if (bytes > MAX_ANSWER_BYTES) {
      await reader.cancel();
      throw tooLargeError();
    }
    text += utf8.decode(value, { stream: true });
  }
  return text + utf8.decode();
}

/** `fetch failed` says little; why it did is in its cause. */
function told(error: unknown): unknown {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return error;
  return new Error(`${error.message}: ${error.cause.message}`, { cause: error });
}
