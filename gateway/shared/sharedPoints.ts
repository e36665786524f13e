// Limits that several gateways share, and what holds while Redis is away: each gateway goes on in memory with its share,
// one by the number of gateways last seen, and says so. It comes back by itself.
import { openMemoryPoints, type MemoryPoints } from '../admit/memoryPoints.ts';
import { shareOf, type Lease, type PointStore, type Verdict } from '../admit/pointStore.ts';
import type { CallerLimits } from '../caller.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { redisScript, type SharedRedis } from './openRedis.ts';
import { openRedisPoints, type RedisPoints } from './redisPoints.ts';

/** What sharing limits takes. */
export interface SharedPointsParts {
  readonly redis: SharedRedis;
  readonly clock: Clock;
  readonly log: Log;
}

/** How limits are shared. */
export interface SharedPointsOptions {
  /** A name that no other gateway has, and this one not after a restart. */
  readonly gatewayId: string;
  /** How long an operation can run, in milliseconds. */
  readonly leaseMs: number;
  /** How many callers are kept in memory while Redis is away. */
  readonly callersMax: number;
  /** This gateway's share while Redis is away, above 0 to 1; undefined: one by the number of gateways last seen. */
  readonly share: number | undefined;
  /** What the largest operation costs, in points: a share's burst is not made smaller. */
  readonly pointsAtOnce: number;
}

/** Limits that gateways share. */
export interface SharedPoints extends PointStore {
  /** Whether Redis keeps them; false while this gateway keeps its share alone. */
  readonly isShared: boolean;
  /** The share that holds while Redis is away. */
  readonly share: number;
  /** Calls `listener` when Redis begins (true) or ceases (false) to keep the limits. */
  onChange(listener: (isShared: boolean) => void): void;
  close(): void;
}

/** How often a Redis that failed is tried again; no request waits for one meanwhile. */
const RETRY_MS = 500;
/** How often a gateway says that it is there, and after how long without it counts as gone. */
const PRESENCE_MS = 2_000;
const GONE_MS = 3 * PRESENCE_MS;
/** Refunds that wait for Redis; the oldest are given up, their leases end by themselves. */
const REFUNDS_WAITING_MAX = 10_000;

const PRESENCE = redisScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${GONE_MS})
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ${GONE_MS})
return redis.call('ZCARD', KEYS[1])`);
const PRESENCE_KEY = 'crm:gateways';

class Sharing implements SharedPoints {
  isShared: boolean;
  private readonly parts: SharedPointsParts;
  private readonly options: SharedPointsOptions;
  private readonly inRedis: RedisPoints;
  private readonly inMemory: MemoryPoints;
  private readonly listeners: ((isShared: boolean) => void)[] = [];
  private readonly shares = new WeakMap<CallerLimits, { readonly of: number; readonly limits: CallerLimits }>();
  private readonly memoryLeases = new WeakSet<Lease>();
  private readonly refundsWaiting = new Map<Lease, number>();
  private gatewaysSeen = 1;
  private cancel = (): void => undefined;
  private isOpen = true;

  constructor(parts: SharedPointsParts, options: SharedPointsOptions) {
    this.parts = parts;
    this.options = options;
    this.inRedis = openRedisPoints(parts.redis, options);
    this.inMemory = openMemoryPoints(parts.clock, options);
    this.isShared = true;
    if (!parts.redis.isReady) this.failed();
  }

  get share(): number {
    return this.options.share ?? 1 / this.gatewaysSeen;
  }

  /** Says that this gateway is there and counts the others; by the way, finds Redis back and gives back what waited. */
  async beat(): Promise<void> {
    const { clock, redis } = this.parts;
    if (!this.isOpen) return;
    this.cancel = clock.after(this.isShared ? PRESENCE_MS : RETRY_MS, () => void this.beat());
    if (!redis.isReady) {
      this.failed();
      return;
    }
    try {
      const seen = Number(await redis.run(PRESENCE, [PRESENCE_KEY], [this.options.gatewayId]));
      this.gatewaysSeen = Math.max(seen, 1);
      await this.giveBack();
      this.succeeded();
    } catch {
      this.failed();
    }
  }

  reserve(callerId: string, limits: CallerLimits, units: number): Verdict | Promise<Verdict> {
    if (!this.parts.redis.isReady) this.failed();
    if (!this.isShared) return this.reserveAlone(callerId, limits, units);
    return this.inRedis.reserve(callerId, limits, units).catch(() => {
      // Redis may have charged it all the same; that lease ends by itself.
      this.failed();
      return this.reserveAlone(callerId, limits, units);
    });
  }

  async settle(lease: Lease, refund: number): Promise<void> {
    if (this.memoryLeases.delete(lease)) {
      this.inMemory.settle(lease, refund);
      return;
    }
    if (this.isShared) {
      try {
        await this.inRedis.settle(lease, refund);
        return;
      } catch {
        this.failed();
      }
    }
    this.refundsWaiting.set(lease, refund);
    if (this.refundsWaiting.size <= REFUNDS_WAITING_MAX) return;
    for (const oldest of this.refundsWaiting.keys()) {
      this.refundsWaiting.delete(oldest);
      break;
    }
  }

  onChange(listener: (isShared: boolean) => void): void {
    this.listeners.push(listener);
  }

  close(): void {
    this.isOpen = false;
    this.cancel();
    // Others have a larger share from now on; where Redis is away, they find out by themselves.
    this.parts.redis.send('ZREM', PRESENCE_KEY, this.options.gatewayId).catch(() => undefined);
  }

  private reserveAlone(callerId: string, limits: CallerLimits, units: number): Verdict {
    const { share } = this;
    let own = this.shares.get(limits);
    if (own?.of !== share) {
      own = { of: share, limits: shareOf(limits, share, this.options.pointsAtOnce) };
      this.shares.set(limits, own);
    }
    const verdict = this.inMemory.reserve(callerId, own.limits, units);
    if (verdict.lease !== undefined) this.memoryLeases.add(verdict.lease);
    return verdict;
  }

  /** Settling again does nothing in Redis, so what may have arrived is sent again. */
  private async giveBack(): Promise<void> {
    for (const [lease, refund] of this.refundsWaiting) {
      await this.inRedis.settle(lease, refund);
      this.refundsWaiting.delete(lease);
    }
  }

  private failed(): void {
    if (!this.isShared) return;
    this.isShared = false;
    this.parts.log.warn({ share: this.share }, 'limits are kept by this gateway alone: redis is away');
    for (const listener of this.listeners) listener(false);
  }

  private succeeded(): void {
    if (this.isShared) return;
    this.isShared = true;
    this.parts.log.info('limits are shared again');
    for (const listener of this.listeners) listener(true);
  }
}

/** Opens limits that gateways share; gives them once this gateway counts among the others, or Redis is found away. */
export async function openSharedPoints(parts: SharedPointsParts, options: SharedPointsOptions): Promise<SharedPoints> {
  const sharing = new Sharing(parts, options);
  await sharing.beat();
  return sharing;
}
