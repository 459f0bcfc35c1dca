/**
 * What happens to Redis in one step, as scripts of our own. Their keys are those of Celery's Redis backend (celery.backends.redis), so that
 * its workers and ours complete one chord together:
 *
 * - `.j` the parts' ends, `[1, task id, state, result]`, by place in the header (or in order of arrival)
 * - `.s` the size, `.t` by how much it has grown
 * - `.d` which parts were counted, `task id:place` (since 5.7)
 * - `.c` who sends the body, a lease; `done` once it was sent (since 5.7)
 */

import type { RedisScript } from '../redis-script.ts';

/** What the scripts answer. */
export const KEPT = 0;
export const STORED = 1;
export const COUNTS = ['open', 'complete', 'taken', 'unknown'] as const;

/**
 * Stores a document and tells who listens, unless a SUCCESS stands there. Where the state of what stands there cannot be seen in its
 * first characters, all of it is the answer; asked again with its SHA-1, it is overwritten if it still stands there.
 *
 * Keys: the document. Arguments: the text, its seconds or an empty text, a SHA-1 or an empty text.
 */
export const STORE: RedisScript = {
  keys: 1,
  text: `
local key, text, seconds, seen = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local head = redis.call('GETRANGE', key, 0, 99)
if head ~= '' then
  local status = string.match(head, '^{"status":%s*"([%w_]+)"')
  if status == 'SUCCESS' then return ${KEPT} end
  if not status then
    local found = redis.call('GET', key)
    if redis.sha1hex(found) ~= seen then return found end
  end
end
if seconds == '' then redis.call('SET', key, text) else redis.call('SET', key, text, 'EX', seconds) end
redis.call('PUBLISH', key, text)
return ${STORED}`,
};

/**
 * Notes a chord and, where it is given, its group, unless it is noted or has ended.
 *
 * Keys: .s .c group. Arguments: the size, seconds or an empty text, the group or an empty text.
 */
export const BEGIN: RedisScript = {
  keys: 3,
  text: `
local size, seconds, group = ARGV[1], ARGV[2], ARGV[3]
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('GET', KEYS[2]) == 'done' then return 0 end
local function set(key, text)
  if seconds == '' then redis.call('SET', key, text) else redis.call('SET', key, text, 'EX', seconds) end
end
set(KEYS[1], size)
if group ~= '' then set(KEYS[3], group) end
return 1`,
};

/**
 * Counts a part once, and leases the body to whoever completes the chord: again to the same part, as its first worker may be gone.
 * Workers of Celery before 5.7 leave no trace in .d, so theirs are looked for in .j. A part that comes before its chord is noted is kept:
 * Celery notes the size late, before the last part is sent. A task that stands at two places of the header and comes to the same at both
 * would be one member of .j: a space behind the second tells them apart and changes nothing.
 *
 * Keys: .j .t .s .d group .c. Arguments: the task id, the part's end, the task id as JSON, '1' for by place, the place or '+inf', seconds
 * or 0, seconds of the lease, who asks.
 */
export const COUNT: RedisScript = {
  keys: 6,
  text: `
local jkey, tkey, skey, dkey, gkey, ckey = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local id, value, start, ordered, place = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1', ARGV[5]
local seconds, lease, asks = tonumber(ARGV[6]), ARGV[7], ARGV[8]
local holder = redis.call('GET', ckey)
if holder == 'done' then return 2 end
local grown = tonumber(redis.call('GET', tkey) or 0)
local function told() if ordered then return redis.call('ZCARD', jkey) else return redis.call('LLEN', jkey) end end
local function stands(ends)
  for _, text in ipairs(ends) do
    local from = string.match(text, '^%[1,%s*()')
    if from and string.sub(text, from, from + #start - 1) == start then return true end
  end
  return false
end
local function untraced()
  if ordered and place ~= '+inf' then return stands(redis.call('ZRANGEBYSCORE', jkey, place, place)) end
  if told() + grown < redis.call('SCARD', dkey) then return false end
  if ordered then return stands(redis.call('ZRANGEBYSCORE', jkey, place, place)) end
  return stands(redis.call('LRANGE', jkey, 0, -1))
end
if redis.call('SADD', dkey, id .. ':' .. place) == 1 and not untraced() then
  if ordered then
    while redis.call('ZSCORE', jkey, value) do value = value .. ' ' end
    redis.call('ZADD', jkey, place, value)
  else
    redis.call('RPUSH', jkey, value)
  end
end
if seconds > 0 then
  for _, key in ipairs({jkey, tkey, skey, dkey}) do redis.call('EXPIRE', key, seconds) end
  local left = redis.call('TTL', gkey)
  if left >= 0 and left < seconds then redis.call('EXPIRE', gkey, seconds) end
end
local size = redis.call('GET', skey)
if not size then return 3 end
if told() < tonumber(size) + grown then return 0 end
if holder and holder ~= asks then return 2 end
redis.call('SET', ckey, asks, 'EX', lease)
return 1`,
};

/**
 * Removes what was counted, of a chord that failed its size alone (as Celery, so that its parts can be looked at until they expire), and leaves
 * a mark for parts that come late; but not while another sends the body.
 *
 * Keys: .j .t .s .d .c. Arguments: who asks or an empty text, seconds of the mark, `failed` or another word.
 */
export const END: RedisScript = {
  keys: 5,
  text: `
local holder = redis.call('GET', KEYS[5])
if holder and ARGV[1] ~= '' and holder ~= ARGV[1] then return 0 end
if ARGV[3] == 'failed' then redis.call('DEL', KEYS[3]) else redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4]) end
redis.call('SET', KEYS[5], 'done', 'EX', ARGV[2])
return 1`,
};

/** Gives a lease back. Keys: .c. Arguments: who asks. */
export const RELEASE: RedisScript = {
  keys: 1,
  text: `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`,
};

/** Lets a chord grow by each task once. Keys: .s .t .d .c. Arguments: task ids. */
export const GROW: RedisScript = {
  keys: 4,
  text: `
if redis.call('GET', KEYS[4]) == 'done' then return 0 end
local more = 0
for _, id in ipairs(ARGV) do more = more + redis.call('SADD', KEYS[3], '+' .. id) end
if more == 0 then return 0 end
redis.call('INCRBY', KEYS[2], more)
local left = redis.call('TTL', KEYS[1])
if left > 0 then
  redis.call('EXPIRE', KEYS[2], left)
  redis.call('EXPIRE', KEYS[3], left)
end
return more`,
};

/** An expiry as commands and scripts take it: an empty text for none. Celery takes 0 for none as well. */
export function secondsText(seconds: number | null): string {
  return seconds === null || seconds <= 0 ? '' : String(Math.ceil(seconds));
}
