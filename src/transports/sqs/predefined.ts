/** Queues whose URLs are known beforehand (kombu's predefined_queues), checked when the transport is made. */

import { ImproperlyConfigured } from '../../errors.ts';
import { isFifo } from '../transport.ts';

/** Where a predefined queue is: its URL, or kombu's `{ url }`. */
export type PredefinedQueue = string | { readonly url: string };

/** Name to URL. Throws ImproperlyConfigured for what is no URL, or disagrees with its name on `.fifo`. */
export function predefinedUrls(queues: Readonly<Record<string, PredefinedQueue>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(queues).map(([name, at]) => [name, checkedUrl(name, typeof at === 'string' ? at : at.url)]));
}

function checkedUrl(name: string, url: string): string {
  if (!URL.canParse(url)) throw new ImproperlyConfigured(`The URL of queue '${name}' is ${JSON.stringify(url)}, which is no URL.`);
  if (isFifo(name) === isFifo(url)) return url;
  throw new ImproperlyConfigured(
    `Queue '${name}' and its URL ${url} disagree: a FIFO queue ends in '.fifo' in both, any other in neither.`,
  );
}
