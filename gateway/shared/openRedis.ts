// What several gateways share: Redis, behind a small port. The only file that imports ioredis. Redis is never waited
// for: a command to one that is away fails at once, one that hangs is given up, and whoever asked goes on without.
import { createHash } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { systemClock, type Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';

/** A Lua script that runs in Redis as one step. */
export interface RedisScript {
  readonly lua: string;
  /** SHA-1 of the text: what Redis knows it by. */
  readonly sha: string;
}

/** A shared Redis. Every command rejects at once while Redis is away, and after 0.4 s when it hangs. */
export interface SharedRedis {
  /** Whether Redis answered lately. */
  readonly isReady: boolean;
  /** Sends one command; gives Redis' reply. */
  send(command: string, ...words: readonly (string | number | Buffer)[]): Promise<unknown>;
  /** Runs a script; gives its reply. */
  run(script: RedisScript, keys: readonly string[], words: readonly (string | number)[]): Promise<unknown>;
  /** Tells everyone who listens to a channel; rejects when Redis is away. */
  publish(channel: string, message: string): Promise<void>;
  /**
   * Calls `listener` for each message of a channel, over a connection of its own, again after each reconnection. What
   * was published meanwhile is lost: `onListening` is called each time that listening begins, so that one can catch up.
   * Gives what ends it.
   */
  subscribe(channel: string, listener: (message: string) => void, onListening?: () => void): () => void;
  /** Calls `listener` when Redis comes (true) and goes (false); gives what takes it back. */
  onChange(listener: (isReady: boolean) => void): () => void;
  /** Closes all connections. */
  close(): void;
}

/**
 * How long one command may take, in milliseconds, far above what Redis needs, far below what a request has: twice this.
 * In two parts, as a loop that was held up for long finds its timers due before it has read the answers that are there.
 */
const COMMAND_PATIENCE_MS = 200;
const CONNECT_TIMEOUT_MS = 2_000;
/** How long the start waits for Redis, before it goes on without. */
const START_WAIT_MS = 1_000;
const RECONNECT_MS_MIN = 50;
const RECONNECT_MS_MAX = 2_000;
/** Each connection is asked for a sign of life this often: a host that vanished says no goodbye. */
const HEARTBEAT_MS = 1_000;

const OPTIONS = {
  lazyConnect: true,
  // Nothing piles up while Redis is away, and nothing is sent twice: a charge that may have been made is not made again.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  disableClientInfo: true,
  retryStrategy: (times: number) => Math.min(RECONNECT_MS_MIN * 2 ** Math.min(times, 10), RECONNECT_MS_MAX),
  // A replica that was a master a moment ago: connect anew, to whoever is the master now.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions;

/** Takes the text of a Lua script; gives the script. */
export function redisScript(lua: string): RedisScript {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** Gives a reply, or rejects when it does not come in time. */
function inTime<T>(reply: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    let cancel = clock.after(COMMAND_PATIENCE_MS, () => {
      cancel = clock.after(COMMAND_PATIENCE_MS, () => reject(new Error('Redis did not answer in time')));
    });
    reply.finally(() => cancel()).then(resolve, reject);
  });
}

/** Asks a connection for a sign of life again and again, and connects anew where none comes. Gives what ends it. */
function keepAlive(connection: Redis, clock: Clock): () => void {
  let isOpen = true;
  let cancel = (): void => undefined;
  const beat = (): void => {
    cancel = clock.after(HEARTBEAT_MS, beat);
    if (connection.status !== 'ready') return;
    inTime(connection.ping(), clock).catch(() => {
      if (isOpen && connection.status === 'ready') connection.disconnect(true);
    });
  };
  beat();
  return () => {
    isOpen = false;
    cancel();
  };
}

function connect(connection: Redis): void {
  // The event `error` tells it, and the next try comes by itself.
  connection.connect().catch(() => undefined);
}

class OpenRedis implements SharedRedis {
  private readonly connection: Redis;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly listeners = new Set<(isReady: boolean) => void>();
  private readonly closers = new Set<() => void>();
  private wasReady: boolean | undefined;

  constructor(connection: Redis, log: Log, clock: Clock) {
    this.connection = connection;
    this.log = log;
    this.clock = clock;
    connection.on('ready', () => this.changed(true));
    connection.on('error', (error) => this.changed(false, error));
    connection.on('close', () => this.changed(false));
    this.closers.add(keepAlive(connection, clock));
    connect(connection);
  }

  get isReady(): boolean {
    return this.connection.status === 'ready';
  }

  private changed(isReady: boolean, error?: Error): void {
    if (isReady === this.wasReady || this.closers.size === 0) return;
    this.wasReady = isReady;
    if (isReady) this.log.info('redis answers');
    else this.log.warn({ err: error }, 'redis is away');
    for (const listener of this.listeners) listener(isReady);
  }

  send(command: string, ...words: readonly (string | number | Buffer)[]): Promise<unknown> {
    return inTime(this.connection.call(command, ...words), this.clock);
  }

  async run(script: RedisScript, keys: readonly string[], words: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.send('EVALSHA', script.sha, keys.length, ...keys, ...words);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.send('EVAL', script.lua, keys.length, ...keys, ...words);
    }
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.send('PUBLISH', channel, message);
  }

  subscribe(channel: string, listener: (message: string) => void, onListening?: () => void): () => void {
    const connection = this.connection.duplicate({ autoResubscribe: false });
    connection.on('error', () => undefined);
    connection.on('message', (_: string, message: string) => listener(message));
    connection.on('ready', () => {
      connection.subscribe(channel).then(
        () => onListening?.(),
        () => connection.disconnect(true),
      );
    });
    const endHeartbeat = keepAlive(connection, this.clock);
    const close = (): void => {
      this.closers.delete(close);
      endHeartbeat();
      connection.disconnect();
    };
    this.closers.add(close);
    connect(connection);
    return close;
  }

  onChange(listener: (isReady: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    const closers = [...this.closers];
    this.closers.clear();
    this.listeners.clear();
    for (const end of closers) end();
    this.connection.disconnect();
  }
}

/**
 * Takes an address as `redis://user:secret@host:6379/0` (`rediss:` for TLS). Gives the shared Redis as soon as it
 * answers, and after a second also while it is away: it is connected to as soon as it can be. Throws where the address
 * is none; the message does not repeat it, as it may hold a password.
 */
export async function openRedis(url: string, log: Log, clock: Clock = systemClock): Promise<SharedRedis> {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !['redis:', 'rediss:'].includes(address.protocol)) {
    throw new Error('REDIS_URL must be an address as redis://127.0.0.1:6379');
  }
  const redis = new OpenRedis(new Redis(url, OPTIONS), log, clock);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, START_WAIT_MS);
    redis.onChange(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  return redis;
}
