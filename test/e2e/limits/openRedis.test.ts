// The seam to Redis against a real one: quick failure, reconnection, listening again.
import { openLog } from '../../../platform/log.ts';
import { openRedis, redisScript, type SharedRedis } from '../../../gateway/shared/openRedis.ts';
import { startRedis, type TestRedis } from '../../harness/startRedis.ts';
import { waitUntil } from '../../harness/startProcess.ts';

const log = openLog('test', 'silent');
let server: TestRedis;
let redis: SharedRedis;

beforeEach(async () => {
  server = await startRedis();
  redis = await openRedis(server.url, log);
});
afterEach(async () => {
  redis.close();
  await server.stop();
});

it('is ready once it is open, sends commands and runs scripts that Redis has not seen', async () => {
  expect(redis.isReady).toBe(true);
  await redis.send('SET', 'name', 'value');
  expect(await redis.run(redisScript(`return {redis.call('GET', KEYS[1]), ARGV[1]}`), ['name'], [7])).toEqual([
    'value',
    '7',
  ]);
});

it('rejects at once while Redis is away, and answers by itself when it is back', async () => {
  const changes: boolean[] = [];
  redis.onChange((isReady) => changes.push(isReady));
  await server.kill();
  await waitUntil(() => !redis.isReady);
  await expect(redis.send('GET', 'name')).rejects.toThrow();
  await server.restart();
  await waitUntil(() => redis.isReady);
  await expect(redis.send('PING')).resolves.toBe('PONG');
  expect(changes).toEqual([false, true]);
});

it('gives a command up that hangs, and knows a Redis that hangs as one that is away', async () => {
  server.pause();
  await expect(redis.send('GET', 'name')).rejects.toThrow('did not answer in time');
  await waitUntil(() => !redis.isReady);
  server.resume();
  await waitUntil(() => redis.isReady);
});

it('takes an answer that came while the event loop was held up, however long that was', async () => {
  const reply = redis.send('PING');
  const heldUntilMs = performance.now() + 700;
  while (performance.now() < heldUntilMs);
  await expect(reply).resolves.toBe('PONG');
});

it('hears what is published, also after Redis was away', async () => {
  const heard: string[] = [];
  let begun = 0;
  const end = redis.subscribe(
    'channel',
    (message) => heard.push(message),
    () => begun++,
  );
  await waitUntil(() => begun === 1);
  await redis.publish('channel', 'first');
  await waitUntil(() => heard.length === 1);
  await server.restart();
  await waitUntil(() => begun === 2 && redis.isReady);
  await redis.publish('channel', 'second');
  await waitUntil(() => heard.length === 2);
  expect(heard).toEqual(['first', 'second']);
  end();
});

it('keeps a connection that listens alive through heartbeats', async () => {
  let begun = 0;
  redis.subscribe(
    'channel',
    () => undefined,
    () => begun++,
  );
  await waitUntil(() => begun === 1);
  server.pause();
  await waitUntil(() => !redis.isReady);
  server.resume();
  await waitUntil(() => begun === 2);
});

it('opens while Redis is away, and refuses an address that is none without repeating it', async () => {
  await server.kill();
  const early = await openRedis(server.url, log);
  expect(early.isReady).toBe(false);
  await server.restart();
  await waitUntil(() => early.isReady);
  early.close();
  await expect(openRedis('http://:secret@host', log)).rejects.toThrow(/^REDIS_URL must be/);
});
