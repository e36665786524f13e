// Pipelines as a driver sends them: joins, groups and expressions, and what an index counts and samples.
import mongoose from 'mongoose';
import { openLog } from '../../platform/log.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from '../startEmbeddedMongo.ts';

const { MongoClient } = mongoose.mongo;
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

describe('runPipeline', () => {
  it('joins, groups and orders through pipelines', async () => {
    const [parents, children] = [collection('parents'), collection('children')];
    await parents.insertMany([{ name: 'a' }, { name: 'b' }]);
    await children.insertMany(
      [3, 1, 2].flatMap((n) => [
        { of: 'a', n },
        { of: 'b', n: n * 10 },
      ]),
    );
    const joined = await parents
      .aggregate([
        { $sort: { name: 1 } },
        {
          $lookup: {
            from: 'children',
            let: { name: '$name' },
            pipeline: [{ $match: { $expr: { $eq: ['$of', '$$name'] } } }, { $sort: { n: -1 } }, { $limit: 2 }],
            as: 'kids',
          },
        },
        { $project: { _id: 0, name: 1, ns: '$kids.n' } },
      ])
      .toArray();
    expect(joined).toEqual([
      { name: 'a', ns: [3, 2] },
      { name: 'b', ns: [30, 20] },
    ]);
    const tops = await children
      .aggregate([
        { $group: { _id: '$of', top: { $topN: { n: 2, sortBy: { n: -1 }, output: '$n' } }, sum: { $sum: '$n' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(tops).toEqual([
      { _id: 'a', top: [3, 2], sum: 6 },
      { _id: 'b', top: [30, 20], sum: 60 },
    ]);
  });

  it('groups whole documents after other stages', async () => {
    const docs = collection('whole');
    await docs.insertMany([1, 2, 3].map((n) => ({ _id: n as never, of: ['x', 'y'] })));
    const rows = { $firstN: { n: 2, input: '$$ROOT' } };
    const stages = [{ $unwind: '$of' }, { $sort: { of: 1, _id: -1 } }, { $group: { _id: '$of', rows } }];
    const found = [
      { _id: 3, of: 'x' },
      { _id: 2, of: 'x' },
    ];
    expect(await docs.aggregate(stages).toArray()).toEqual([
      { _id: 'x', rows: found },
      { _id: 'y', rows: found.map(({ _id }) => ({ _id, of: 'y' })) },
    ]);
    const [direct] = await docs.aggregate([{ $sort: { _id: 1 } }, { $group: { _id: null, rows } }]).toArray();
    expect(direct?.['rows']).toEqual([1, 2].map((_id) => ({ _id, of: ['x', 'y'] })));
  });

  it('counts and samples through an index, in a transaction and outside, what a sort of all gives', async () => {
    const docs = collection('sampled');
    await docs.createIndexes([{ key: { tenant: 1, value: 1 }, name: 'byValue' }]);
    await docs.insertMany(Array.from({ length: 3_000 }, (_, at) => ({ tenant: at % 2, value: (at * 7) % 3_000, at })));
    const session = client.startSession();
    session.startTransaction();
    await docs.insertOne({ tenant: 1, value: 2_500.5, at: -1 }, { session });
    const preview = [
      { $match: { tenant: 1, value: { $gte: 2_500 } } },
      { $limit: 100_000 },
      { $group: { _id: null, count: { $sum: 1 }, sample: { $firstN: { n: 3, input: '$value' } } } },
    ];
    const options = { hint: 'byValue' };
    expect(await docs.aggregate(preview, options).toArray()).toEqual([
      { _id: null, count: 250, sample: [2_501, 2_503, 2_505] },
    ]);
    expect(await docs.aggregate(preview, { ...options, session }).toArray()).toEqual([
      { _id: null, count: 251, sample: [2_500.5, 2_501, 2_503] },
    ]);
    await session.abortTransaction();
    await session.endSession();
  });

  it('computes with the usual accumulators and expressions', async () => {
    const docs = collection('computed');
    await docs.insertMany([3, 1, 2, 4].map((n) => ({ n, a: [{ x: n }, { x: n + 1 }] })));
    const n = { input: '$n', n: 2 };
    const [group] = await docs
      .aggregate([
        { $sort: { n: 1 } },
        {
          $group: {
            _id: null,
            first: { $firstN: n },
            last: { $lastN: n },
            max: { $maxN: n },
            min: { $minN: n },
            avg: { $avg: '$n' },
            bottom: { $bottom: { sortBy: { n: 1 }, output: '$n' } },
            set: { $addToSet: { $mod: ['$n', 2] } },
            merged: { $mergeObjects: { last: '$n' } },
          },
        },
      ])
      .toArray();
    expect(group).toEqual({
      _id: null,
      first: [1, 2],
      last: [3, 4],
      max: [4, 3],
      min: [1, 2],
      avg: 2.5,
      bottom: 4,
      set: [1, 0],
      merged: { last: 4 },
    });
    const [computed] = await docs
      .aggregate([
        { $match: { n: 3 } },
        {
          $project: {
            _id: 0,
            doubled: { $map: { input: '$a', as: 'i', in: { $multiply: ['$$i.x', 2] } } },
            more: { $filter: { input: '$a', as: 'i', cond: { $gt: ['$$i.x', 3] } } },
            sum: { $reduce: { input: '$a', initialValue: 0, in: { $add: ['$$value', '$$this.x'] } } },
            size: { $size: '$a' },
            rest: { $subtract: ['$n', 1] },
            rounded: { $round: [{ $divide: ['$n', 2] }, 1] },
            text: { $concat: ['n', { $toString: '$n' }] },
            half: { $abs: { $multiply: ['$n', -0.5] } },
          },
        },
      ])
      .toArray();
    expect(computed).toEqual({
      doubled: [6, 8],
      more: [{ x: 4 }],
      sum: 7,
      size: 2,
      rest: 2,
      rounded: 1.5,
      text: 'n3',
      half: 1.5,
    });
  });
});
