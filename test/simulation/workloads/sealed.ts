/** Signed messages, most of them too large for the queue, and results too large for the table; and now and then one that nobody signed. */

import { Buffer } from 'node:buffer';
import { between, chance, pick, type Random } from '../random.ts';
import { type End, gives, type Publication } from './publication.ts';
import { plain } from './singles.ts';

/** More than an item of DynamoDB holds. */
const TOO_LARGE = 410_000;

export function sealed(random: Random, id: string): Publication {
  if (chance(random, 0.3)) return plain(random, id);
  if (chance(random, 0.1)) return forged(random, id);
  const text = String(between(random, 10_000_000, 99_999_999)).repeat(pick(random, [1, 300, 1000]));
  const times = chance(random, 0.3) ? between(random, 1, 2) : 0;
  const characters = chance(random, 0.5) ? TOO_LARGE : 10;
  return {
    label: id,
    atMs: between(random, 0, 60_000),
    send: ({ heavy }) => heavy.applyAsync([times, characters, text], { taskId: id }),
    complaint: (end, sent) => gives(end, id, text.slice(0, 8).padEnd(characters, '.'), sent)?.slice(0, 200),
  };
}

/** A message as anyone can write it who may send to the queue. */
function forged(random: Random, id: string): Publication {
  const label = `${id}-forged`;
  const embed = { callbacks: null, errbacks: null, chain: null, chord: null };
  const headers = {
    lang: 'py',
    task: 'mix',
    id: label,
    root_id: label,
    parent_id: null,
    group: null,
    retries: 0,
    eta: null,
    expires: null,
  };
  const body = JSON.stringify({
    body: Buffer.from(JSON.stringify([[1], {}, embed])).toString('base64'),
    'content-type': 'application/json',
    'content-encoding': 'utf-8',
    headers: { ...headers, timelimit: [null, null], argsrepr: '[1]', kwargsrepr: '{}', origin: 'nobody' },
    properties: {
      correlation_id: label,
      delivery_mode: 2,
      delivery_info: { exchange: '', routing_key: 'celery' },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: label,
    },
  });
  return {
    label,
    atMs: between(random, 0, 60_000),
    isPoison: true,
    send: async (_, sendRaw) => void (await sendRaw('celery', body)),
    complaint: (end) => complaintOf(end, label, body),
  };
}

function complaintOf(end: End, label: string, body: string): string | undefined {
  if (end.argsOf(label).length > 0) return `${label} ran, and nobody signed it`;
  return end.isQuarantined(body) ? undefined : `${label} was not signed, and is not where such messages go`;
}
