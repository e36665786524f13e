import { readFileSync } from 'node:fs';
import mongoose, { type Model, type Schema } from 'mongoose';
import { customersModels } from './customers/model.ts';
import { idempotencyModel } from './kit/write/runOnce.ts';
import { marketingModels } from './marketing/model.ts';
import { ordersModels } from './orders/model.ts';

type Declared = Pick<Model<unknown>, 'collection' | 'schema'>;
const sets: readonly object[] = [
  customersModels(mongoose.createConnection()),
  ordersModels(mongoose.createConnection()),
  marketingModels(mongoose.createConnection()),
  { idempotency: idempotencyModel(mongoose.createConnection()) },
];
const models = sets.flatMap((set) => Object.values(set) as Declared[]);

const described = models.map(({ collection, schema }) => {
  const shardKey = (schema as Schema & { options: { shardKey?: Record<string, unknown> } }).options.shardKey ?? {};
  return { name: collection.name, shardKey, indexes: schema.indexes() };
});
const scalingPage = readFileSync(new URL('../docs/scaling.md', import.meta.url), 'utf8');

describe.each(described)('the collection $name', ({ name, shardKey, indexes }) => {
  it('declares a shard key that begins with the tenant, and docs/scaling.md lists it', () => {
    expect(Object.keys(shardKey)[0]).toBe(name === 'idempotency' ? '_id' : 'tenantId');
    expect(scalingPage).toContain(name);
  });

  it('has unique indexes only where the shard key is their prefix', () => {
    const unique = indexes.filter(([, options]) => options.unique === true).map(([keys]) => Object.keys(keys));
    const prefix = Object.keys(shardKey);
    expect(unique.filter((keys) => prefix.some((field, at) => keys[at] !== field))).toEqual([]);
  });

  it('names every index, and begins it with the tenant', () => {
    const lists = indexes.filter(([, options]) => options.expireAfterSeconds === undefined);
    expect(
      lists.filter(([keys, options]) => options.name === undefined || Object.keys(keys)[0] !== 'tenantId'),
    ).toEqual([]);
  });
});
