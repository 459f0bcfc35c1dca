/** A message laid out as kombu does it, its body first: the body is taken out by its place, and only what stands around it parsed. */

import { decodeBase64Text } from './base64.ts';
import { envelopeOf, isBase64Body, outerJson, parseEnvelope } from './envelope.ts';
import { readJson } from './json-read.ts';
import { DEFAULT_LIMITS, type ReadLimits } from './limits.ts';
import type { Envelope } from './message.ts';
import { isRecord } from './records.ts';

export interface Opened {
  readonly envelope: Envelope;
  /** The body decoded, where that is done already. */
  readonly body?: string;
}

const START = '{"body": "';
const NEXT = '", "';
/** A shorter body is parsed as fast as it is taken out. */
const WORTHWHILE = 600;

/** The same as `openEnvelope`, and what `bodyText` says of it where that costs less at once. Throws as `openEnvelope`. */
export function openKombu(text: string, limits?: Partial<ReadLimits>): Opened {
  const json = outerJson(text, limits);
  return takenApart(json, limits?.depth) ?? { envelope: parseEnvelope(json, limits?.depth) };
}

/**
 * Undefined on any surprise, which is left to the parser. A body that decodes is base64 from end to end, without an escape or a control
 * character: it is what the parser would have found between these quotes.
 */
function takenApart(json: string, depth: number | undefined): Opened | undefined {
  const end = json.indexOf('"', START.length);
  if (end < WORTHWHILE || !json.startsWith(START) || !json.startsWith(NEXT, end)) return undefined;
  try {
    // First, as it costs least: what is no text would have the rest parsed twice.
    const encoded = json.slice(START.length, end);
    const body = decodeBase64Text(encoded);
    const rest = readJson(`{"${json.slice(end + NEXT.length)}`, { depth, values: DEFAULT_LIMITS.values });
    if (!isRecord(rest) || Object.hasOwn(rest, 'body')) return undefined;
    const envelope = envelopeOf(rest, encoded);
    return isBase64Body(envelope) ? { envelope, body } : undefined;
  } catch {
    return undefined;
  }
}
