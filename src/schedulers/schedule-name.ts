/** What a task's wait is called by its scheduler. Hashed, since ids come from the wire and may be anything. */

import { sha256 } from '../node-crypto.ts';

/** 22 characters of base64url are 132 bits. */
const HASH_CHARACTERS = 22;

/**
 * The name of one wait of one task: the same however often it is asked for, another for each retry and each eta, since a retry
 * goes on under its task's id. 45 characters of `[0-9a-zA-Z-_]`, the first 23 of them `schedulePrefix(taskId)`.
 */
export function scheduleName(taskId: string, retries: number, etaMs: number): string {
  return schedulePrefix(taskId) + hash(`${retries} ${etaMs}`);
}

/** What the names of all waits of a task begin with: `scheduler.find` answers them for a revoke. */
export function schedulePrefix(taskId: string): string {
  return `${hash(taskId)}-`;
}

function hash(text: string): string {
  return sha256(text, 'A scheduler').digest('base64url').slice(0, HASH_CHARACTERS);
}
