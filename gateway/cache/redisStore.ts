// Kept entities in Redis, for several gateways. Each entry says when it was asked for, and each dropped tag when it was
// dropped, by one count that Redis keeps: what was asked for before one of its tags was dropped is neither given out nor
// taken, whichever gateway dropped it and however late another one, that was away, comes with its answer.
import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { redisScript, type SharedRedis } from '../shared/openRedis.ts';
import { COPIES_FOLLOW_MS, type CacheStore, type Drop, type KeptEntity } from './cacheStore.ts';

/** What it takes. */
export interface RedisStoreParts {
  readonly redis: SharedRedis;
  /** Gateways of other tenants have entries and counts of their own. */
  readonly tenantId: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The longest that an entity is kept here, in milliseconds: what was dropped is remembered for longer. */
const KEPT_MS_MAX = 600_000;
const DROPS_KEPT_MS = KEPT_MS_MAX + 60_000;
/** For so long an event that another gateway dropped by is not dropped by again. */
const SEEN_MS = 60_000;
const RETRY_MS = 500;

// The count follows the time of Redis in microseconds, so that one which has lost everything does not count from zero.
const COUNT_UP = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local seq = string.format('%.0f', math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0') + 1))`;

const LOOK_UP = redisScript(`
local found = { redis.call('GET', KEYS[1]) or '0' }
for i = 2, #KEYS do
  local value, text, at = redis.call('GET', KEYS[i]), '', '0'
  if value then
    local cut = string.find(value, '\\n', 1, true)
    local head = cjson.decode(string.sub(value, 1, cut - 1))
    local marks, isFresh = {}, true
    at = head[1]
    for j = 2, #head do marks[j - 1] = ARGV[1] .. head[j] end
    for _, drop in ipairs(redis.call('MGET', unpack(marks))) do
      if drop and tonumber(string.match(drop, '^%d+')) > tonumber(at) then isFresh = false end
    end
    if isFresh then text = string.sub(value, cut + 1) end
  end
  found[#found + 1] = at
  found[#found + 1] = text
end
return found`);

const KEEP = redisScript(`
local t = redis.call('TIME')
local followed = t[1] * 1000000 + t[2] - ${COPIES_FOLLOW_MS * 1_000}
local head = cjson.decode(ARGV[4])
local marks = {}
for j = 2, #head do marks[j - 1] = ARGV[1] .. head[j] end
for _, drop in ipairs(redis.call('MGET', unpack(marks))) do
  if drop then
    local at, source, before = string.match(drop, '^(%d+):([^\\n]*)\\n?(%d*)')
    local others = source == ARGV[2] and before or at
    if tonumber(at) > tonumber(head[1]) or tonumber(others ~= '' and others or '0') > followed then return 0 end
  end
end
redis.call('SET', KEYS[1], ARGV[4] .. '\\n' .. ARGV[5], 'PX', ARGV[3])
return 1`);

// A mark is the newest drop's moment and source, and behind it the newest of another source: whose copies follow later.
const DROP = redisScript(`
if KEYS[2] and not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ${SEEN_MS}) then return 0 end
${COUNT_UP}
redis.call('SET', KEYS[1], seq)
for i = 3, #ARGV do
  local known, others = redis.call('GET', ARGV[1] .. ARGV[i]), ''
  if known then
    local first, source, behind = string.match(known, '^(%d+:([^\\n]*))(.*)$')
    others = source == ARGV[2] and behind or ('\\n' .. first)
  end
  redis.call('SET', ARGV[1] .. ARGV[i], seq .. ':' .. ARGV[2] .. others, 'PX', ${DROPS_KEPT_MS})
end
return 1`);

const BEGIN_ANEW = redisScript(`${COUNT_UP}
redis.call('SET', KEYS[1], seq)
return seq`);

const EVERY = '';

class RedisStore implements CacheStore {
  private readonly parts: RedisStoreParts;
  private readonly prefix: string;
  private readonly countKey: string;
  private readonly marks: string;
  /** By subgraph, and under EVERY for all: what was asked for before is not taken; nothing is while it is not known. */
  private readonly floors = new Map<string, number>();
  /** By the same, which try to know the moment is the latest. */
  private readonly tries = new Map<string, number>();
  private readonly stopListening: () => void;
  private isOpen = true;

  constructor(parts: RedisStoreParts) {
    this.parts = parts;
    this.prefix = `crm:cache:${parts.tenantId}:`;
    this.countKey = `${this.prefix}count`;
    this.marks = `${this.prefix}drop:`;
    this.raise(EVERY);
    // A Redis that comes again may have lost what it was told last.
    this.stopListening = parts.redis.onChange((isReady) => {
      if (isReady) this.raise(EVERY);
    });
  }

  find(subgraph: string, keys: readonly string[], done: Parameters<CacheStore['find']>[2]): void {
    const floor = this.floorOf(subgraph);
    if (floor === Number.POSITIVE_INFINITY) {
      done({ texts: [], ticket: undefined });
      return;
    }
    const names = keys.map((key) => this.keyOf(key));
    this.parts.redis.run(LOOK_UP, [this.countKey, ...names], [this.marks]).then(
      (reply) => {
        const [count, ...found] = Array.isArray(reply) ? reply.map(String) : [];
        const isKept = (at: number): boolean => found[at * 2 + 1] !== '' && Number(found[at * 2]) >= floor;
        const texts = keys.map((_, at) => (isKept(at) ? found[at * 2 + 1] : undefined));
        done({ texts, ticket: count === undefined ? undefined : Number(count) });
      },
      () => done({ texts: [], ticket: undefined }),
    );
  }

  keep(key: string, { text, tags, subgraph, maxAgeMs }: KeptEntity, ticket: number): boolean {
    if (ticket < this.floorOf(subgraph)) return false;
    const head = JSON.stringify([String(ticket), ...tags]);
    const words = [this.marks, subgraph, Math.min(maxAgeMs, KEPT_MS_MAX), head, text];
    this.parts.redis.run(KEEP, [this.keyOf(key)], words).catch(() => undefined);
    return true;
  }

  drop({ tags, source, id }: Drop, done: () => void): void {
    const seen = id === undefined ? [] : [`${this.prefix}seen:${id}`];
    this.parts.redis.run(DROP, [this.countKey, ...seen], [this.marks, source, ...tags]).then(done, () => {
      this.raise(EVERY);
      done();
    });
  }

  forget(subgraph: string | undefined): void {
    this.raise(subgraph ?? EVERY);
  }

  size(): ReturnType<CacheStore['size']> {
    return { entries: 0, bytes: 0 };
  }

  close(): void {
    this.isOpen = false;
    this.stopListening();
    this.parts.redis.close();
  }

  private floorOf(subgraph: string): number {
    return Math.max(this.floors.get(EVERY) ?? 0, this.floors.get(subgraph) ?? 0);
  }

  /** Nothing from before this moment is taken; nothing at all until Redis has said which moment it is. */
  private raise(subgraph: string): void {
    if (!this.isOpen) return;
    const { clock, log } = this.parts;
    const attempt = (this.tries.get(subgraph) ?? 0) + 1;
    this.tries.set(subgraph, attempt);
    this.floors.set(subgraph, Number.POSITIVE_INFINITY);
    const isLatest = (): boolean => this.tries.get(subgraph) === attempt;
    this.beginAnew().then(
      (count) => {
        if (isLatest()) this.floors.set(subgraph, count);
      },
      (error: unknown) => {
        log.warn({ err: error }, 'no entity is kept in redis until it answers');
        clock.after(RETRY_MS, () => {
          if (isLatest()) this.raise(subgraph);
        });
      },
    );
  }

  /** A Redis that throws away what it likes could forget what was dropped before what was kept. */
  private async beginAnew(): Promise<number> {
    const { redis } = this.parts;
    const told = String(await redis.send('INFO', 'memory'));
    const [, policy = 'noeviction'] = /^maxmemory_policy:(\S+)/m.exec(told) ?? [];
    if (policy !== 'noeviction') throw new Error(`its maxmemory-policy is ${policy}, and has to be noeviction`);
    return Number(await redis.run(BEGIN_ANEW, [this.countKey], []));
  }

  /** Keys hold what representations require, which may be personal: Redis gets their hashes. */
  private keyOf(key: string): string {
    return `${this.prefix}entity:${createHash('sha256').update(key).digest('base64url')}`;
  }
}

/** Opens the store in Redis; closes that with itself. */
export function openRedisStore(parts: RedisStoreParts): CacheStore {
  return new RedisStore(parts);
}
