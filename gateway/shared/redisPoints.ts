// Callers' limits in Redis, for gateways that share them: one script charges, one gives back. The same rules as in
// gateway/admit/memoryPoints.ts, which a test holds both to. The time is Redis' own, and never goes back for a caller.
import { DAY_MS, CONCURRENT_WAIT_MS, toUnits, UNITS } from '../admit/pointStore.ts';
import type { Lease, Levels, LimitName, PointStore, Verdict } from '../admit/pointStore.ts';
import type { CallerLimits } from '../caller.ts';
import { redisScript, type SharedRedis } from './openRedis.ts';

/** How limits are kept in Redis. */
export interface RedisPointsOptions {
  /** How long an operation can run, in milliseconds: after it, it counts as ended. */
  readonly leaseMs: number;
  /** Names this gateway's leases: no other gateway's begin so. */
  readonly gatewayId: string;
  /** Lua that gives the time in whole milliseconds; a test moves it by hand. */
  readonly nowLua?: string;
}

/** Limits kept in Redis. Its `settle` rejects where Redis is away; settling again is harmless, as the first counts. */
export interface RedisPoints extends PointStore {
  reserve(callerId: string, limits: CallerLimits, units: number): Promise<Verdict>;
  settle(lease: Lease, refund: number): Promise<void>;
}

const REDIS_NOW = `(function() local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end)()`;
const REFUSED_BY = ['quota', 'concurrent', 'requests', 'points'] as const satisfies readonly LimitName[];

// KEYS: account (hash), leases (sorted by their end). ARGV: units, the six limits, lease, its length in ms.
// The account lives until it is as if it had never been: both buckets full and, under a quota, the day over.
const reserveLua = (nowLua: string): string => `
local units, pointsPerMs, pointsMax = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local requestsPerMs, requestsMax = tonumber(ARGV[4]), tonumber(ARGV[5])
local concurrentMax, perDay, leaseMs = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[9])
local DAY, ONE, SPARE = ${DAY_MS}, ${UNITS}, 60000
local kept = redis.call('HMGET', KEYS[1], 'points', 'requests', 'at', 'day', 'spent')
local wall = ${nowLua}
local at = tonumber(kept[3]) or wall
local now = math.max(at, wall)
local points = math.min(pointsMax, (tonumber(kept[1]) or pointsMax) + (now - at) * pointsPerMs)
local requests = math.min(requestsMax, (tonumber(kept[2]) or requestsMax) + (now - at) * requestsPerMs)
local day, spent = tonumber(kept[4]) or 0, tonumber(kept[5]) or 0
local today = math.floor(wall / DAY)
if today > day then day, spent = today, 0 end
local dayLeft = (day + 1) * DAY - wall
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local function wait(missing, perMs)
  if missing <= 0 then return 0 end
  if perMs <= 0 then return DAY end
  return math.min(math.ceil(missing / perMs), DAY)
end
local refused, waitMs = 0, 0
if perDay >= 0 and spent + units > perDay then refused, waitMs = 1, dayLeft
elseif redis.call('ZCARD', KEYS[2]) >= concurrentMax then refused, waitMs = 2, ${CONCURRENT_WAIT_MS}
elseif requests < ONE then refused, waitMs = 3, wait(ONE - requests, requestsPerMs)
elseif points < units then refused, waitMs = 4, wait(units - points, pointsPerMs)
else
  points, requests, spent = points - units, requests - ONE, spent + units
  redis.call('ZADD', KEYS[2], now + leaseMs, ARGV[8])
  redis.call('PEXPIRE', KEYS[2], leaseMs + SPARE)
end
redis.call('HSET', KEYS[1], 'points', points, 'requests', requests, 'at', now, 'day', day, 'spent', spent)
local keep = math.max(leaseMs, wait(pointsMax - points, pointsPerMs), wait(requestsMax - requests, requestsPerMs))
if perDay >= 0 then keep = math.max(keep, dayLeft) end
redis.call('PEXPIRE', KEYS[1], keep + SPARE)
return {refused, waitMs, points, spent, dayLeft, day}`;

// ARGV: lease, units to give back, the day that they were charged to, the most points. What was given back before, or
// ended by itself, gives nothing.
const settleLua = (nowLua: string): string => `
local kept = redis.call('HMGET', KEYS[1], 'points', 'at', 'day', 'spent')
local ends = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or nil)
if not ends then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if not kept[1] or ends <= math.max(tonumber(kept[2]), ${nowLua}) then return 0 end
local refund = tonumber(ARGV[2])
redis.call('HSET', KEYS[1], 'points', math.min(tonumber(ARGV[4]), tonumber(kept[1]) + refund))
if tonumber(kept[3]) == tonumber(ARGV[3]) then redis.call('HSET', KEYS[1], 'spent', tonumber(kept[4]) - refund) end
return 1`;

function keysOf(callerId: string): [string, string] {
  // In braces: what a cluster of Redis places by, so that both lie on one server.
  return [`crm:points:{${callerId}}`, `crm:leases:{${callerId}}`];
}

function readNumbers(reply: unknown): [number, number, number, number, number, number] {
  const numbers = Array.isArray(reply) ? reply.map(Number) : [];
  const [refused, waitMs, points, spent, dayLeft, day] = numbers;
  if (numbers.some(Number.isNaN) || day === undefined) throw new Error('Redis answered a charge with no numbers');
  return [refused ?? 0, waitMs ?? 0, points ?? 0, spent ?? 0, dayLeft ?? 0, day];
}

/** Opens limits in a shared Redis. */
export function openRedisPoints(redis: SharedRedis, options: RedisPointsOptions): RedisPoints {
  const { leaseMs, gatewayId, nowLua = REDIS_NOW } = options;
  const reserveScript = redisScript(reserveLua(nowLua));
  const settleScript = redisScript(settleLua(nowLua));
  let leasesMade = 0;
  return {
    async reserve(callerId, callerLimits, units) {
      const limits = toUnits(callerLimits);
      const id = `${gatewayId}:${++leasesMade}`;
      const { pointsPerMs, pointsMax, requestsPerMs, requestsMax, concurrentMax, perDay } = limits;
      const words = [units, pointsPerMs, pointsMax, requestsPerMs, requestsMax, concurrentMax, perDay, id, leaseMs];
      const reply = readNumbers(await redis.run(reserveScript, keysOf(callerId), words));
      const [refused, waitMs, points, spentToday, dayLeftMs, day] = reply;
      const levels: Levels = { points, spentToday, dayLeftMs };
      const refusedBy = REFUSED_BY[refused - 1];
      if (refusedBy !== undefined) return { lease: undefined, levels, refusedBy, waitMs };
      return { lease: { id, callerId, limits, units, day }, levels };
    },
    async settle({ id, callerId, day, limits }, refund) {
      await redis.run(settleScript, keysOf(callerId), [id, refund, day, limits.pointsMax]);
    },
  };
}
