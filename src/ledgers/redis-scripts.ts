/**
 * What the ledger decides in Redis, each decision one script on one key, so that nothing comes between looking and writing. A script
 * that runs twice gives the same answer. Times are the caller's: Redis's own clock and expiry only tidy up, an hour late.
 *
 * - an attempt is a hash of `begun` and `ended`, numbers of starts, and each start's number under `start-` and its token
 * - a claim is a hash of `payload` and `expires`; `token` and `until` while it is held; `token`, `settled`, perhaps `outcome` when done
 * - a reservation is a hash of `task` and `until`; a revocation is a text, until when
 */

import type { RedisScript } from '../redis-script.ts';

const TIDY = `
local key = KEYS[1]
local function tidy(ms)
  local clock = redis.call('TIME')
  redis.call('PEXPIREAT', key, string.format('%.0f', math.max(tonumber(ms), clock[1] * 1000) + 3600000))
end
`;

const script = (text: string): RedisScript => ({ keys: 1, text: TIDY + text.trim() });

/** Arguments: the token, when it may be forgotten. Answers how many starts before it never ended. */
export const BEGIN = script(`
local mine = redis.call('HGET', key, 'start-' .. ARGV[1])
if not mine then
  mine = redis.call('HINCRBY', key, 'begun', 1)
  redis.call('HSET', key, 'start-' .. ARGV[1], mine)
  tidy(ARGV[2])
end
return math.max(0, mine - 1 - (redis.call('HGET', key, 'ended') or 0))
`);

/** Arguments: the token. */
export const FINISH = script(`
local mine = redis.call('HGET', key, 'start-' .. ARGV[1])
if not mine then return 0 end
if mine == redis.call('HGET', key, 'begun') then return redis.call('DEL', key) end
if tonumber(mine) > tonumber(redis.call('HGET', key, 'ended') or 0) then redis.call('HSET', key, 'ended', mine) end
return 1
`);

/** How many starts never ended. */
export const UNFINISHED = script(`
return math.max(0, (redis.call('HGET', key, 'begun') or 0) - (redis.call('HGET', key, 'ended') or 0))
`);

/** Arguments: until when. */
export const REVOKE = script(`
local known = redis.call('GET', key)
if known and tonumber(ARGV[1]) <= tonumber(known) then return 0 end
redis.call('SET', key, ARGV[1])
tidy(ARGV[1])
return 1
`);

/** Arguments: the token, the payload, now, held until, when it may be forgotten. Answers as ClaimAnswer, in a list. */
export const CLAIM = script(`
local token, payload, now, asked = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local known = redis.call('HMGET', key, 'payload', 'expires', 'token', 'until', 'settled', 'outcome')
local held = tonumber(known[4] or 0)
if known[1] and now < math.max(held, tonumber(known[2])) then
  if known[1] ~= payload then return {'mismatch', known[6]} end
  if known[5] then return {'done', known[6]} end
  if now < held and known[3] ~= token then return {'held', known[4]} end
  if now < held and asked < held then return {'granted'} end
end
local expires = ARGV[5]
if tonumber(expires) < asked then expires = ARGV[4] end
redis.call('DEL', key)
redis.call('HSET', key, 'payload', payload, 'expires', expires, 'token', token, 'until', ARGV[4])
tidy(expires)
return {'granted'}
`);

const OURS = `
local known = redis.call('HMGET', key, 'token', 'settled', 'until', 'expires')
if known[1] ~= ARGV[1] then return 0 end
`;

/** Arguments: the token, held until. */
export const RENEW = script(`
${OURS}
if known[2] then return 0 end
if tonumber(known[3]) < tonumber(ARGV[2]) then
  redis.call('HSET', key, 'until', ARGV[2])
  tidy(math.max(tonumber(ARGV[2]), tonumber(known[4])))
end
return 1
`);

/** Arguments: the token, when it may be forgotten, and perhaps the outcome. */
export const SETTLE = script(`
${OURS}
redis.call('HDEL', key, 'until', 'outcome')
redis.call('HSET', key, 'settled', '1', 'expires', ARGV[2])
if ARGV[3] then redis.call('HSET', key, 'outcome', ARGV[3]) end
tidy(ARGV[2])
return 1
`);

/** Arguments: the token. */
export const RELEASE = script(`
${OURS}
if known[2] then return 0 end
return redis.call('HDEL', key, 'token', 'until')
`);

/** Arguments: the task, now, until when. Answers whose it is. */
export const RESERVE = script(`
local task, untilMs = ARGV[1], ARGV[3]
local known = redis.call('HMGET', key, 'task', 'until')
if known[1] == task and tonumber(untilMs) < tonumber(known[2]) then return task end
if known[1] and known[1] ~= task and tonumber(ARGV[2]) < tonumber(known[2]) then return known[1] end
redis.call('HSET', key, 'task', task, 'until', untilMs)
tidy(untilMs)
return task
`);

/** Arguments: the task. */
export const UNRESERVE = script(`
if redis.call('HGET', key, 'task') ~= ARGV[1] then return 0 end
return redis.call('DEL', key)
`);
