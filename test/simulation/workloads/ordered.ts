/**
 * A FIFO queue: some groups, each in the order it was sent; retries keep their message and with it their group, or
 * go behind what is queued.
 */

import { between, chance, pick, type Random } from '../random.ts';
import { failsWith, gives, type Publication } from './publication.ts';

const QUEUE = 'orders.fifo';

export function ordered(random: Random): readonly Publication[] {
  const groups = Array.from({ length: between(random, 2, 5) }, (_, at) => `g${at}`);
  const last = new Map<string, string>();
  return Array.from({ length: between(random, 12, 30) }, (_, at) => {
    const group = pick(random, groups);
    const id = `t${at}-${group}`;
    const after = last.get(group);
    last.set(group, id);
    return { ...one(random, id, group), ...(after !== undefined && { after }) };
  });
}

function one(random: Random, id: string, messageGroupId: string): Publication {
  const atMs = between(random, 0, 60_000);
  const options = { taskId: id, queue: QUEUE, messageGroupId };
  const value = between(random, 0, 1000);
  if (chance(random, 0.1)) {
    return {
      label: id,
      atMs,
      send: ({ fails }) => fails.applyAsync([id], options),
      complaint: (end, sent) => failsWith(end, id, 'RangeError', sent),
    };
  }
  if (chance(random, 0.1)) {
    const [resent, countdown] = [between(random, 1, 2), pick(random, [0, 20])];
    return {
      label: id,
      atMs,
      send: ({ retried }) => retried.applyAsync([resent, countdown, value], options),
      complaint: (end, sent) => gives(end, id, value + resent, sent),
    };
  }
  const times = chance(random, 0.15) ? between(random, 1, 2) : 0;
  const ms = pick(random, [5, 200, 2000]);
  return {
    label: id,
    atMs,
    send: (tasks) => tasks.ordered.applyAsync([times, ms, value], options),
    complaint: (end, sent) => gives(end, id, value, sent),
  };
}
