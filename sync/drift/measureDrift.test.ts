import mongoose, { type Connection } from 'mongoose';
import { drawId } from '../../platform/random.ts';
import { openHandClock } from '../../test/harness/handClock.ts';
import { waitUntil } from '../../test/harness/startProcess.ts';
import { openTestDatabase } from '../../test/harness/testDatabase.ts';
import type { DriftPair } from './driftPairs.ts';
import { LASTING_MS, measureDrift, type PairFindings } from './measureDrift.ts';
import { DriftRows, RANGE_ROWS } from './readRows.ts';

const TENANT = 'acme';
const PAIR: DriftPair = {
  name: 'names',
  follower: 'copies',
  owned: { collection: 'owners', key: '_id', value: { name: 'name' }, tell: { entity: 'Customer', by: '_id' } },
  copied: {
    ...{ from: 'owners', consumer: 'copies.names', collection: 'copies', key: '_id', isKeyPrefixed: true },
    ...{ value: { name: 'name' }, where: { by: null }, isComplete: true },
  },
  told: { collection: 'owners', type: 'crm.customer.changed.v1', data: [], customerId: '_id', personal: [] },
};

interface Row {
  readonly _id: string;
  readonly tenantId: string;
  readonly name: string | null;
  readonly by?: string;
}

let connection: Connection;
let stop: () => Promise<void>;

beforeAll(async () => {
  const database = await openTestDatabase();
  connection = await mongoose.createConnection(database.uri, { dbName: `test_${drawId().slice(0, 12)}` }).asPromise();
  stop = database.stop;
});

afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
  await stop();
});

beforeEach(async () => {
  for (const name of ['owners', 'copies']) await connection.collection(name).deleteMany({});
});

const owners = () => connection.collection<Row>('owners');
const copies = () => connection.collection<Row>('copies');
const keyOf = (at: number): string => `key_${String(at).padStart(6, '0')}`;

async function fill(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) => ({ _id: keyOf(at), tenantId: TENANT, name: `name ${at}` }));
  await owners().insertMany(rows);
  await copies().insertMany(rows.map((row) => ({ ...row, _id: `${TENANT}:${row._id}` })));
}

/** Measures; `between` runs whenever the measuring waits for time to pass. */
async function measure(between: () => Promise<unknown> = () => Promise.resolve()): Promise<PairFindings> {
  const client = connection.getClient();
  const clock = openHandClock();
  const rows = new DriftRows(() => client.db(connection.name), TENANT);
  let found: PairFindings | undefined;
  const measuring = measureDrift([PAIR], { rows, clock, signal: new AbortController().signal }).then((findings) => {
    found = findings[0];
  });
  while (found === undefined) {
    await waitUntil(() => found !== undefined || clock.tasksWaiting > 0);
    if (clock.tasksWaiting === 0) break;
    await between();
    clock.pass(LASTING_MS + 1);
  }
  await measuring;
  if (found === undefined) throw new Error('nothing was measured');
  return found;
}

describe('drift', () => {
  it('is looked for in every range, and found at their edges', async () => {
    await fill(2 * RANGE_ROWS + 1);
    const wrong = [0, RANGE_ROWS - 1, RANGE_ROWS, 2 * RANGE_ROWS].map(keyOf);
    await copies().updateMany({ _id: { $in: wrong.map((key) => `${TENANT}:${key}`) } }, { $set: { name: 'other' } });
    const { keys, report } = await measure();
    expect([...keys].sort()).toEqual(wrong);
    expect(report).toMatchObject({ compared: 2 * RANGE_ROWS + 1, differences: 4, moving: 0 });
  });

  it('is not what was on its way and arrived', async () => {
    await fill(3);
    await owners().updateOne({ _id: keyOf(1) }, { $set: { name: 'new' } });
    const { report } = await measure(() =>
      copies().updateOne({ _id: `${TENANT}:${keyOf(1)}` }, { $set: { name: 'new' } }),
    );
    expect(report).toMatchObject({ differences: 0, moving: 0 });
  });

  it('is not a copy that follows late, which is told apart', async () => {
    await fill(3);
    let version = 0;
    await owners().updateOne({ _id: keyOf(1) }, { $set: { name: 'ahead' } });
    const { report } = await measure(() =>
      copies().updateOne({ _id: `${TENANT}:${keyOf(1)}` }, { $set: { name: `late ${version++}` } }),
    );
    expect(report).toMatchObject({ differences: 0, moving: 1 });
  });

  it('is a copy that stands still while its owner changes on and on', async () => {
    await fill(3);
    let version = 0;
    await owners().updateOne({ _id: keyOf(1) }, { $set: { name: 'ahead' } });
    const { keys } = await measure(() => owners().updateOne({ _id: keyOf(1) }, { $set: { name: `on ${version++}` } }));
    expect(keys).toEqual([keyOf(1)]);
  });

  it('is a copy that is missing, and not one that somebody else stated or whose owner has no value', async () => {
    await fill(4);
    await copies().deleteMany({ _id: { $in: [`${TENANT}:${keyOf(0)}`, `${TENANT}:${keyOf(2)}`] } });
    await owners().updateOne({ _id: keyOf(2) }, { $set: { name: null } });
    await copies().updateOne({ _id: `${TENANT}:${keyOf(3)}` }, { $set: { name: 'stated', by: 'somebody' } });
    const { report } = await measure();
    expect(report.examples).toEqual([{ key: keyOf(0), kind: 'missing', fields: ['name'] }]);
  });
});
