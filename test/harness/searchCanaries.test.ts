// That a test run searches itself, and what it finds: a leak that is planted lets the graph's stop fail.
import { Redis } from 'ioredis';
import { drawApiKey, parseApiKey, printApiKey } from '../../gateway/identify/apiKey.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { startGuardedGraph } from './guardedGraph.ts';
import { startKeyGraph } from './keyGraph.ts';
import { startRedis } from './startRedis.ts';
import { valueAt } from './recordingSubgraphs.ts';
import { searchCanaries, secretsOf } from './searchCanaries.ts';
import { errorsIn, SeenErrors } from './seenErrors.ts';
import { startProcess } from './startProcess.ts';
import { startTestGraph } from './testGraph.ts';

const messageOf = async (act: () => Promise<unknown>): Promise<string> => {
  try {
    await act();
    return 'nothing was found';
  } catch (error) {
    return String(error);
  }
};

const SAY = `console.log(process.env.SAID); process.send({ ready: 'yes' }); setInterval(() => undefined, 1000);`;

describe('a graph that stops', () => {
  it('tells of a personal value in a database that does not own it, and of a secret in any', async () => {
    const graph = await startTestGraph(20);
    const { data } = await graph.ask<{ customers: { edges: { node: { email: string | null } }[] } }>(
      '{ customers(first: 20) { edges { node { email } } } }',
    );
    const email = data.customers.edges.map(({ node }) => node.email).find((one) => one !== null) ?? '';
    expect(email.length).toBeGreaterThan(8);
    const secret = parseApiKey(graph.key)?.secret ?? '';
    for (const [name, text] of [
      ['orders', `bought by ${email.toUpperCase()}`],
      ['customers', `by ${secret}`],
    ] as const) {
      const connection = await openDatabase(graph.uri, `${graph.prefix}_${name}`);
      await connection.collection('planted').insertOne({ nested: [{ text }] });
      await connection.close();
    }
    const message = await messageOf(() => graph.stop());
    expect(message).toMatch(/personal email(Folded)? in the collection \w+_orders\.planted: .*bought by \[\d+ bytes\]/);
    expect(message).toMatch(/the secret of a key in the collection \w+_customers\.planted: .*by \[43 bytes\]/);
    expect(message).not.toContain(secret);
    expect(message.split('\n')).toHaveLength(3);
  }, 60_000);

  it('tells of a guarded value in the database of keys', async () => {
    const graph = await startGuardedGraph();
    await graph.ask(await graph.keys.create({ scopes: graph.scopes }), '{ me { email } }');
    const connection = await openDatabase(graph.database.uri, graph.database.name);
    await connection.collection('uses').insertOne({ text: valueAt('Person.email', 'Person:1') });
    await connection.close();
    expect(await messageOf(() => graph.stop())).toMatch(
      /the value of Person\.email in the collection \w+_gateway\.uses/,
    );
  }, 60_000);

  it('tells of a key and of a personal value in an error, and not in data', async () => {
    const key = printApiKey(drawApiKey('test'));
    const canaries = [...secretsOf([key]), { kind: 'an address', text: 'Canary Street 7' }];
    const search = (answer: object): Promise<string> => {
      const seen = new SeenErrors();
      seen.note(answer, JSON.stringify(answer));
      return messageOf(() => searchCanaries({ canaries, databases: [], texts: { errors: seen.text() } }));
    };
    const errors = [{ message: 'no such thing as canary street 7' }];
    expect(await search({ errors })).toContain('an address in the errors');
    expect(await search({ data: { a: 1 }, errors })).toContain('an address in the errors');
    expect(await search({ data: null, errors: [{ message: `no ${key}` }] })).toContain('the secret of a key');
    expect(await search({ data: { line1: 'Canary Street 7' } })).toBe('nothing was found');
    expect(errorsIn({ data: { a: 1 } }, 'all of it')).toBe('[]');
  });

  it('tells of a key in what gateways share', async () => {
    const redis = await startRedis();
    try {
      const graph = await startKeyGraph({ gateways: 1, redisUrl: redis.url });
      const key = await graph.keys.create({ scopes: [] });
      expect(await graph.ask('{ open }', `Bearer ${key}`)).toMatchObject({ status: 200 });
      const shared = new Redis(redis.url);
      await shared.hset('planted', 'field', key);
      shared.disconnect();
      expect(await messageOf(() => graph.stop())).toMatch(/the secret of a key in the redis: .*planted/);
    } finally {
      await redis.stop();
    }
  }, 60_000);

  it('tells of a key in what a process wrote, but where it shows one to its owner', async () => {
    const said = printApiKey(drawApiKey('test'));
    const loud = await startProcess(['--input-type=module', '-e', SAY], { SAID: `{"msg":"${said}"}` });
    const message = await messageOf(() => loud.stop());
    expect(message).toContain('wrote a key');
    expect(message).not.toContain(said);
    const quiet = await startProcess(['--input-type=module', '-e', SAY], { SAID: `${said.slice(0, -1)}!` });
    expect(await messageOf(() => quiet.stop())).toBe('nothing was found');
  });
});
