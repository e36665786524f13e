import { readFileSync } from 'node:fs';
import mongoose, { type Model, type Schema } from 'mongoose';
import { dataSubjectModels } from './customers/dataSubject/models.ts';
import { customersModels } from './customers/model.ts';
import { stepsModel } from './kit/dataSubject/steps.ts';
import { idempotencyModel } from './kit/write/runOnce.ts';
import { marketingModels } from './marketing/model.ts';
import { ordersModels } from './orders/model.ts';

type Declared = Pick<Model<unknown>, 'collection' | 'schema'>;
const sets: readonly object[] = [
  customersModels(mongoose.createConnection()),
  ordersModels(mongoose.createConnection()),
  marketingModels(mongoose.createConnection()),
  dataSubjectModels(mongoose.createConnection()),
  { steps: stepsModel(mongoose.createConnection()), idempotency: idempotencyModel(mongoose.createConnection()) },
];
/** Read by their id alone, or by one process for all tenants: what waits, whoever's it is. */
const WITHOUT_TENANT = ['idempotency', 'data_subject_keys'];
const ACROSS_TENANTS = ['byStatus'];
const models = sets.flatMap((set) => Object.values(set) as Declared[]);

const described = models.map(({ collection, schema }) => {
  const shardKey = (schema as Schema & { options: { shardKey?: Record<string, unknown> } }).options.shardKey ?? {};
  return { name: collection.name, shardKey, indexes: schema.indexes() };
});
const scalingPage = readFileSync(new URL('../docs/scaling.md', import.meta.url), 'utf8');

describe.each(described)('the collection $name', ({ name, shardKey, indexes }) => {
  it('declares a shard key that begins with the tenant, and docs/scaling.md lists it', () => {
    expect(Object.keys(shardKey)[0]).toBe(WITHOUT_TENANT.includes(name) ? '_id' : 'tenantId');
    expect(scalingPage).toContain(name);
  });

  it('has unique indexes only where the shard key is their prefix', () => {
    const unique = indexes.filter(([, options]) => options.unique === true).map(([keys]) => Object.keys(keys));
    const prefix = Object.keys(shardKey);
    expect(unique.filter((keys) => prefix.some((field, at) => keys[at] !== field))).toEqual([]);
  });

  it('names every index, and begins it with the tenant', () => {
    const lists = indexes.filter(
      ([, { expireAfterSeconds, name: index = '' }]) =>
        expireAfterSeconds === undefined && !ACROSS_TENANTS.includes(index),
    );
    expect(
      lists.filter(([keys, options]) => options.name === undefined || Object.keys(keys)[0] !== 'tenantId'),
    ).toEqual([]);
  });
});
