// Clients that leave: what a killed process held is free for the others, what a cancelled read closed harms no other, and
// nobody reads on for a connection that is gone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import mongoose from 'mongoose';
import { serialize } from 'bson';
import { type Clock, systemClock } from '../platform/clock.ts';
import { openLog } from '../platform/log.ts';
import { Engine } from './engine.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from './startEmbeddedMongo.ts';
import { Store } from './store/store.ts';
import type { Doc } from './values/kinds.ts';
import type { RawReply } from './wire/rawReply.ts';

const { MongoClient } = mongoose.mongo;

/** A process that changes the document in a transaction, says so, and never ends it. */
const HOLDER = `
  import mongoose from 'mongoose';
  const client = await mongoose.mongo.MongoClient.connect(process.argv[1]);
  const session = client.startSession();
  session.startTransaction();
  await client.db('left').collection('held').updateOne({ key: 1 }, { $set: { by: 'holder' } }, { session });
  process.stdout.write('holds');
  process.stdin.resume().on('end', () => process.exit());
`;

describe('a client of embedded-mongo that leaves', () => {
  let server: EmbeddedMongo;
  let client: InstanceType<typeof MongoClient>;

  beforeAll(async () => {
    const log = openLog('mongo', 'silent');
    server = await startEmbeddedMongo({ host: '127.0.0.1', port: 0, dataPath: ':memory:', log });
    client = await MongoClient.connect(server.uri, { maxPoolSize: 1 });
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  // The test's own time limit is the assertion: a transaction may live for a minute.
  it('by SIGKILL, gives what its transaction held to the others, and leaves nothing of it', async () => {
    const docs = client.db('left').collection('held');
    await docs.insertOne({ key: 1, by: 'nobody' });
    const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, server.uri], {
      cwd: import.meta.dirname,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const session = client.startSession();
    session.startTransaction();
    const refused = docs.updateOne({ key: 1 }, { $set: { by: 'another' } }, { session });
    await expect(refused).rejects.toMatchObject({ code: 112 });
    await session.endSession();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await docs.findOneAndUpdate({ key: 1 }, { $set: { by: 'other' } })).toMatchObject({ by: 'nobody' });
    expect(await docs.findOne({ key: 1 })).toMatchObject({ by: 'other' });
  }, 20_000);

  it('cancels a read and loses its connection: the transaction that used it goes on over another', async () => {
    const docs = client.db('left').collection('moved');
    const session = client.startSession();
    session.startTransaction();
    await docs.insertOne({ step: 1 }, { session });
    const closed = once(client, 'connectionClosed');
    const leaving = new AbortController();
    client.once('connectionCheckedOut', () => process.nextTick(() => leaving.abort(new Error('left'))));
    await expect(docs.find({}, { signal: leaving.signal }).toArray()).rejects.toThrow('left');
    await closed;
    await docs.insertOne({ step: 2 }, { session });
    await session.commitTransaction();
    await session.endSession();
    expect(await docs.countDocuments({})).toBe(2);
  });
});

describe('a read whose connection is closed', () => {
  const store = new Store(':memory:');
  let steadyMs = 0;
  // Every look at this clock is later than a slice is long, so that every read gives way.
  const clock: Clock = { ...systemClock, steadyMs: () => (steadyMs += 20) };
  const engine = new Engine(store, clock, openLog('mongo', 'silent'));
  afterAll(() => store.close());

  function answer(body: Doc, hasLeft: boolean): Promise<Doc | RawReply> {
    const documents = Array.from({ length: 200 }, (_, n) => serialize({ _id: n, group: n % 3 }));
    const sequences = new Map(body['insert'] === undefined ? [] : [['documents', documents]]);
    const request = { requestId: 1, body: { ...body, $db: 'left' }, sequences, answered: true, legacy: false };
    return engine.answer(request, { id: 1, hasLeft: () => hasLeft });
  }

  it('stops at its next break, and a write is done to its end', async () => {
    expect(await answer({ insert: 'read' }, true)).toMatchObject({ n: 200, ok: 1 });
    const reads: Doc[] = [
      { find: 'read', filter: {}, batchSize: 1_000 },
      { aggregate: 'read', pipeline: [{ $group: { _id: '$group', n: { $sum: 1 } } }], cursor: {} },
    ];
    for (const read of reads) {
      expect(await answer(read, true)).toMatchObject({ ok: 0, codeName: 'ClientDisconnect' });
      expect(await answer(read, false)).not.toHaveProperty('codeName');
    }
  });
});
