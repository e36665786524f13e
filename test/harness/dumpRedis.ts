// Everything that a Redis holds, as text: what gateways share must hold no key and nothing personal.
import { Redis } from 'ioredis';

async function readValue(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    // It has expired since the keys were listed.
    case 'none':
      return null;
    default:
      throw new Error(`a value of the kind ${type} is not read yet`);
  }
}

/** Takes the address of a Redis; gives what it holds: nothing where a test has stopped it. */
export async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 1_000 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
  } catch {
    return '';
  }
  const lines: string[] = [];
  for (const key of await redis.keys('*')) {
    lines.push(`${key} ${JSON.stringify(await readValue(redis, key))}`);
  }
  redis.disconnect();
  return lines.join('\n');
}
