// The server as a driver sees it: transactions, error codes, refusals, cursors, and what breaks one connection only.
import { once } from 'node:events';
import { createConnection } from 'node:net';
import mongoose from 'mongoose';
import { openLog } from '../platform/log.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from './startEmbeddedMongo.ts';

const { MongoClient, Long, Double, Decimal128 } = mongoose.mongo;
type Client = InstanceType<typeof MongoClient>;

let server: EmbeddedMongo;
let client: Client;

beforeAll(async () => {
  server = await startEmbeddedMongo({
    host: '127.0.0.1',
    port: 0,
    dataPath: ':memory:',
    log: openLog('mongo', 'silent'),
  });
  client = await MongoClient.connect(server.uri);
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

function collection(name: string): ReturnType<ReturnType<Client['db']>['collection']> {
  return client.db('test').collection(name);
}

describe('startEmbeddedMongo', () => {
  it('gives back the BSON types that it was given', async () => {
    const docs = collection('types');
    await docs.insertOne({
      _id: 1 as never,
      long: Long.fromNumber(5),
      double: new Double(5),
      zero: new Double(-0),
      decimal: Decimal128.fromString('1.10'),
    });
    await docs.updateOne({ _id: 1 as never }, { $set: { touched: true } });
    const found = await docs.findOne({ _id: 1 as never }, { promoteValues: false });
    expect(found?.['long']).toBeInstanceOf(Long);
    expect(found?.['double']).toEqual(new Double(5));
    expect(Object.is((found?.['zero'] as InstanceType<typeof Double>).value, -0)).toBe(true);
    expect(String(found?.['decimal'])).toBe('1.10');
  });

  it('undoes a transaction in documents and indexes alike', async () => {
    const docs = collection('undo');
    await docs.createIndexes([{ key: { key: 1 }, unique: true }]);
    await docs.insertOne({ key: 'a', n: 1 });
    const session = client.startSession();
    session.startTransaction();
    await docs.insertOne({ key: 'b' }, { session });
    await docs.updateOne({ key: 'a' }, { $set: { key: 'c' } }, { session });
    expect(await docs.find({ key: { $in: ['a', 'b', 'c'] } }, { session }).toArray()).toHaveLength(2);
    await session.abortTransaction();
    await session.endSession();
    expect(await docs.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ key: 'a', n: 1 }]);
    await docs.insertMany([{ key: 'b' }, { key: 'c' }]);
    await expect(docs.insertOne({ key: 'a' })).rejects.toMatchObject({
      code: 11_000,
      keyPattern: { key: 1 },
      keyValue: { key: 'a' },
    });
  });

  // With work that grows with the square of what the transaction wrote it takes longer than its time limit.
  it('inserts 10,000 documents in one transaction, counts them in it, and finds a duplicate among them', async () => {
    const docs = collection('many');
    await docs.createIndexes([{ key: { of: 1, key: 1 }, unique: true }, { key: { key: -1 } }]);
    await docs.insertMany([
      { of: 1, key: -1 },
      { of: 2, key: 3 },
    ]);
    const session = client.startSession();
    session.startTransaction();
    for (let from = 0; from < 10_000; from += 1_000) {
      const some = Array.from({ length: 1_000 }, (_, at) => ({ of: 1, key: ((from + at) * 7_919) % 10_000 }));
      await docs.insertMany(some, { session });
    }
    await docs.deleteOne({ key: -1 }, { session });
    expect(await docs.countDocuments({ of: 1 }, { session })).toBe(10_000);
    expect(await docs.countDocuments({ of: 1 })).toBe(1);
    const newest = await docs.find({ key: { $lt: 5 } }, { session, sort: { key: -1 }, limit: 3 }).toArray();
    expect(newest.map(({ of, key }) => [of, key] as unknown)).toEqual([
      [1, 4],
      [2, 3],
      [1, 3],
    ]);
    await session.commitTransaction();
    expect(await docs.countDocuments({ of: 1 })).toBe(10_000);
    session.startTransaction();
    await docs.insertOne({ of: 3, key: 1 }, { session });
    await expect(docs.insertOne({ of: 3, key: 1 }, { session })).rejects.toMatchObject({ code: 11_000 });
    await session.endSession();
  }, 15_000);

  it('lets a write outside wait until the transaction that holds its document ends', async () => {
    const docs = collection('waits');
    await docs.insertOne({ key: 1, n: 0 });
    const session = client.startSession();
    session.startTransaction();
    await docs.updateOne({ key: 1 }, { $inc: { n: 1 } }, { session });
    const outside = docs.updateOne({ key: 1 }, { $inc: { n: 10 } });
    await session.commitTransaction();
    await session.endSession();
    expect((await outside).modifiedCount).toBe(1);
    expect(await docs.findOne({ key: 1 })).toMatchObject({ n: 11 });
  });

  it('does a retried write once', async () => {
    const docs = collection('retried');
    await docs.insertOne({ key: 1, n: 0 });
    const session = client.startSession();
    const command = {
      update: 'retried',
      updates: [{ q: { key: 1 }, u: { $inc: { n: 1 } } }],
      lsid: session.id,
      txnNumber: Long.fromNumber(7),
    };
    const first = await client.db('test').command(command);
    const second = await client.db('test').command(command);
    await session.endSession();
    expect([first['nModified'], second['nModified']]).toEqual([1, 1]);
    expect(await docs.findOne({ key: 1 })).toMatchObject({ n: 1 });
  });

  it('refuses what it does not know with the codes of MongoDB', async () => {
    const docs = collection('refusals');
    await docs.insertOne({ a: 1 });
    const codeOf = (task: Promise<unknown>): Promise<unknown> =>
      task.then(
        () => 'accepted',
        (error: unknown) => (error as { code: unknown }).code,
      );
    expect(await codeOf(client.db('test').command({ makeCoffee: 1 }))).toBe(59);
    expect(await codeOf(docs.aggregate([{ $foo: {} }]).toArray())).toBe(40_324);
    expect(await codeOf(docs.aggregate([{ $project: { x: { $foo: 1 } } }]).toArray())).toBe(168);
    expect(await codeOf(docs.find({ a: { $foo: 1 } }).toArray())).toBe(2);
    expect(await codeOf(docs.find({ $where: 'true' }).toArray())).toBe(2);
    expect(await codeOf(docs.find({ $expr: { $function: { body: 'f', args: [], lang: 'js' } } }).toArray())).toBe(2);
    expect(await codeOf(docs.find({ a: 1 }).hint('nope').toArray())).toBe(2);
    expect(await codeOf(docs.find({ a: 1 }).collation({ locale: 'en' }).toArray())).toBe(238);
    expect(await codeOf(docs.createIndexes([{ key: { a: 'text' } }]))).toBe(67);
    expect(await codeOf(docs.updateOne({}, { $set: { _id: 5 } }))).toBe(66);
  });

  it('answers an explain with the index and what it looked at', async () => {
    const docs = collection('explained');
    await docs.createIndexes([{ key: { tenant: 1, at: -1 } }]);
    await docs.insertMany(Array.from({ length: 200 }, (_, at) => ({ tenant: at % 2, at, plain: at })));
    const indexed = await docs
      .find({ tenant: 1, at: { $lt: 50 } })
      .sort({ at: -1 })
      .limit(5)
      .explain('executionStats');
    expect(JSON.stringify(indexed['queryPlanner'])).toContain('"indexName":"tenant_1_at_-1"');
    expect(JSON.stringify(indexed['queryPlanner'])).not.toContain('SORT');
    expect(indexed['executionStats']).toMatchObject({ nReturned: 5, totalKeysExamined: 5, totalDocsExamined: 5 });
    const scanned = await docs.find({ plain: 3 }).explain('executionStats');
    expect(JSON.stringify(scanned['queryPlanner'])).toContain('COLLSCAN');
    expect(scanned['executionStats']).toMatchObject({ totalDocsExamined: 200 });
  });

  it('reads a page in the order of an index whose array is bound to one item, and says so', async () => {
    const docs = collection('pages');
    await docs.createIndexes([{ key: { tenant: 1, campaigns: 1, at: -1, _id: -1 }, name: 'byCampaign' }]);
    await docs.insertMany(
      Array.from({ length: 300 }, (_, at) => ({
        _id: at as never,
        tenant: 1,
        campaigns: ['a', 'b', `c${at}`],
        at: at >> 1,
      })),
    );
    const order = { at: -1, _id: -1 } as const;
    const behind = { $or: [{ at: { $lt: 50 } }, { at: 50, _id: { $lt: 101 as never } }] };
    const page = docs.find({ tenant: 1, campaigns: 'a', ...behind }, { projection: { _id: 1 }, sort: order, limit: 3 });
    expect((await page.clone().toArray()).map(({ _id }) => _id as unknown)).toEqual([100, 99, 98]);
    const explained = await page.clone().explain('executionStats');
    const plan = JSON.stringify(explained['queryPlanner']);
    expect(plan).not.toContain('SORT');
    expect(plan).toContain('"isMultiKey":true,"arrayFields":["campaigns"]');
    const { totalKeysExamined, totalDocsExamined } = explained['executionStats'] as Record<string, number>;
    expect([totalKeysExamined, totalDocsExamined]).toEqual([4, 4]);
    const merged = docs
      .find({ tenant: 1, campaigns: { $in: ['a', 'b'] } })
      .sort(order)
      .limit(4);
    expect((await merged.clone().toArray()).map(({ _id }) => _id as unknown)).toEqual([299, 298, 297, 296]);
    expect(JSON.stringify((await merged.clone().explain())['queryPlanner'])).not.toContain('SORT');
    const byArray = docs.find({ tenant: 1, campaigns: 'a' }).sort({ campaigns: 1 });
    expect(JSON.stringify((await byArray.explain())['queryPlanner'])).toContain('SORT');
    expect(await docs.countDocuments({ tenant: 1, campaigns: { $in: ['a', 'b', 'c7'] } })).toBe(300);
  });

  it('removes expired documents', async () => {
    const docs = collection('expiring');
    await docs.createIndexes([{ key: { at: 1 }, expireAfterSeconds: 1 }]);
    await docs.insertMany([{ at: new Date(0) }, { at: new Date(8.64e15) }, { at: 'never' }]);
    while ((await docs.countDocuments()) > 2) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await docs.countDocuments({ at: 'never' })).toBe(1);
  });

  it('closes a connection that does not speak the protocol, and no other', async () => {
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
      Buffer.alloc(64, 0xff),
      Buffer.from([20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7, 0, 0, 0, 0, 0, 0]),
    ]) {
      const socket = createConnection(server.port, '127.0.0.1');
      const closed = once(socket, 'close');
      socket.on('error', () => undefined);
      socket.write(bytes);
      await closed;
    }
    expect(await client.db('test').command({ ping: 1 })).toMatchObject({ ok: 1 });
  });
});
