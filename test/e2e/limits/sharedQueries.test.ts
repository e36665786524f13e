// Automatic persisted queries over gateways that share a Redis.
import { hashDocument } from '../../../gateway/admit/persistedQueries.ts';
import { openRedis } from '../../../gateway/shared/openRedis.ts';
import { openSharedQueries } from '../../../gateway/shared/sharedQueries.ts';
import { openLog } from '../../../platform/log.ts';
import { waitUntil } from '../../harness/startProcess.ts';
import { startRedis } from '../../harness/startRedis.ts';

it('finds what another gateway kept, never what is not of its hash, and goes on in memory without Redis', async () => {
  const server = await startRedis();
  const redis = await openRedis(server.url, openLog('test', 'silent'));
  try {
    const [first, second] = [openSharedQueries(redis), openSharedQueries(redis)];
    const hash = hashDocument('{ a }');
    expect(await second.find(hash)).toBeUndefined();
    first.keep(hash, '{ a }');
    expect(first.find(hash)).toBe('{ a }');
    expect(await waitUntil(() => second.find(hash))).toBe('{ a }');
    expect(second.find(hash)).toBe('{ a }');
    await redis.send('SET', `crm:query:${hashDocument('{ b }')}`, '{ evil }');
    expect(await second.find(hashDocument('{ b }'))).toBeUndefined();
    await server.kill();
    await waitUntil(() => !redis.isReady);
    expect(second.find(hash)).toBe('{ a }');
    expect(second.find(hashDocument('{ c }'))).toBeUndefined();
    second.keep(hashDocument('{ c }'), '{ c }');
    expect(second.find(hashDocument('{ c }'))).toBe('{ c }');
  } finally {
    redis.close();
    await server.stop();
  }
});
