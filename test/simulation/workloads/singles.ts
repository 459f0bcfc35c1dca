/** Tasks for themselves: plain ones, those that are tried again, those that wait, and those that nobody wants. */

import { between, chance, pick, type Random } from '../random.ts';
import type { AppOptions } from '../tasks.ts';
import { type End, ends, failsWith, gives, type Publication, type Sent } from './publication.ts';

/** When something is published: most of it in the first two minutes. */
const when = (random: Random): number => between(random, 0, chance(random, 0.8) ? 20_000 : 120_000);

export function plain(random: Random, id: string): Publication {
  const atMs = when(random);
  const value = between(random, 0, 1000);
  const ms = pick(random, [0, 5, 300, 3000]);
  const copies = pick(random, [1, 1, 1, 1, 1, 1, 2, 4]);
  // A limit of its own that most of the function's time is needed for: late in a batch there is none left.
  const limited = chance(random, 0.2) && { timeLimit: 12 };
  if (ms === 0) {
    return {
      label: id,
      atMs,
      send: ({ mix }) => mix.applyAsync([value, 1], { taskId: id }),
      complaint: (end, sent) => gives(end, id, value + 2, sent),
    };
  }
  if (chance(random, 0.45)) {
    const expires = pick(random, [1, 2, 3, 4, 6, 8, 600]);
    return {
      label: id,
      atMs,
      send: ({ work }) => work.applyAsync([5, value], { taskId: id, expires }),
      complaint: (end, sent) => ends(end, id, sent, ({ status }) => status === 'SUCCESS' || status === 'REVOKED', 'SUCCESS or REVOKED'),
    };
  }
  return {
    label: id,
    atMs,
    send: async ({ work }) => {
      // A publisher that is not sure sends the same again.
      for (let copy = 1; copy < copies; copy++) await work.applyAsync([ms, value], { taskId: id, ...limited });
      return await work.applyAsync([ms, value], { taskId: id, ...limited });
    },
    complaint: (end, sent) => gives(end, id, value, sent),
  };
}

export function retried(random: Random, id: string): Publication {
  const atMs = when(random);
  const value = between(random, 0, 1000);
  const times = between(random, 0, 3);
  if (chance(random, 0.5)) {
    const countdown = pick(random, [0, 1, 30, 1000]);
    return {
      label: id,
      atMs,
      send: (tasks) => tasks.retried.applyAsync([times, countdown, value], { taskId: id }),
      complaint: (end, sent) => gives(end, id, value + times, sent),
    };
  }
  const isHopeless = chance(random, 0.2);
  return {
    label: id,
    atMs,
    send: ({ flaky }) => flaky.applyAsync([isHopeless ? 99 : times, value], { taskId: id }),
    complaint: (end, sent) => (isHopeless ? failsWith(end, id, 'Flake', sent) : gives(end, id, value, sent)),
  };
}

const DAY_S = 86_400;

export function waiting(random: Random, id: string, isLong: boolean): Publication {
  const atMs = when(random);
  const value = between(random, 0, 1000);
  const short = [0.001, 1, 60, 899, 900, 901, 2000, 5000];
  const countdown = pick(random, isLong ? [...short, 12 * 3600 - 1, 12 * 3600 + 1, 14 * DAY_S, 365 * DAY_S] : short);
  const isTwice = chance(random, 0.2);
  return {
    label: id,
    atMs,
    send: async ({ mix }) => {
      if (!isTwice) return await mix.applyAsync([value], { taskId: id, countdown });
      const eta = new Date(Date.now() + countdown * 1000);
      await mix.applyAsync([value], { taskId: id, eta });
      return await mix.applyAsync([value], { taskId: id, eta });
    },
    complaint: (end, sent) => gives(end, id, value + 1, sent),
  };
}

/** What is bad for whoever is in a batch with it. */
export function poison(random: Random, id: string): Publication {
  const atMs = when(random);
  const kind = pick(random, ['unreadable', 'unknown', 'kills', 'fails', 'stalls', 'overlong'] as const);
  const label = `${id}-${kind}`;
  const made = { label, atMs, isPoison: true };
  if (kind === 'unreadable') {
    const body = pick(random, ['', '{}', '[1, 2', 'bm90IGpzb24=', '{"body": "e30=", "headers": {}}']) + `<${label}>`;
    return {
      ...made,
      send: async (_, sendRaw) => void (await sendRaw('celery', body)),
      complaint: (end) => (end.isQuarantined(body) ? undefined : `${label} cannot be read, and is not where such messages go`),
    };
  }
  if (kind === 'unknown') {
    const name = pick(random, ['nobody.knows', 'constructor', '__proto__', 'toString']);
    return {
      ...made,
      send: ({ app }) => app.sendTask(name, [], { taskId: label }),
      complaint: (end, sent) => isBuried(end, label, sent) ?? isUnknown(end, label, name),
    };
  }
  if (kind === 'kills') {
    return { ...made, send: ({ kills }) => kills.applyAsync([], { taskId: label }), complaint: (end, sent) => isBuried(end, label, sent) };
  }
  if (kind === 'stalls') {
    return {
      ...made,
      send: ({ stalls }) => stalls.applyAsync([1], { taskId: label }),
      complaint: (end, sent) => gives(end, label, 1, sent),
    };
  }
  if (kind === 'fails') {
    return {
      ...made,
      send: ({ fails }) => fails.applyAsync([id], { taskId: label }),
      complaint: (end, sent) => failsWith(end, label, 'RangeError', sent),
    };
  }
  return {
    ...made,
    send: ({ overlong }) => overlong.applyAsync([], { taskId: label }),
    complaint: (end, sent) =>
      end.wasQueued(`${label}-late`)
        ? `${label} was given up, and sent another task after that`
        : failsWith(end, label, 'TimeLimitExceeded', sent),
  };
}

/** What is stored of a task that nobody registered, whatever it is called. */
function isUnknown(end: End, id: string, name: string): string | undefined {
  const { result } = end.document(id) ?? {};
  if (!end.wasQueued(id) || (result as { exc_type?: string } | undefined)?.exc_type === 'NotRegistered') return undefined;
  return `${id} is called ${name}, which nobody registered, and is ${JSON.stringify(result)}`;
}

function isBuried(end: End, id: string, sent: Sent | undefined): string | undefined {
  if (end.isBuried(id) || (sent === undefined && !end.wasQueued(id))) return undefined;
  return `${id} was to be buried, and is not`;
}

/** With options that hold for all tasks of an app. */
export const once: AppOptions = { defaults: { idempotent: true } };
