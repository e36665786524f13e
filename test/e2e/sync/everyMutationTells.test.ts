// Every mutation of every subgraph: what it changes it tells of in the same transaction, and it tells of nothing else.
import { openDataSubjects } from '../../../subgraphs/customers/dataSubject/openDataSubjects.ts';
import type { GraphEvent } from '../../../contracts/event.ts';
import { entityKeysOf, versionOf } from '../../../contracts/event.ts';
import { systemClock } from '../../../platform/clock.ts';
import { drawId } from '../../../platform/random.ts';
import { CustomersCommands } from '../../../subgraphs/customers/commands.ts';
import { CUSTOMERS_EVENTS } from '../../../subgraphs/customers/events.ts';
import { customersModels } from '../../../subgraphs/customers/model.ts';
import { makeCustomersMutations } from '../../../subgraphs/customers/mutationResolvers.ts';
import { MarketingCommands } from '../../../subgraphs/marketing/commands.ts';
import { MARKETING_EVENTS } from '../../../subgraphs/marketing/events.ts';
import { marketingModels } from '../../../subgraphs/marketing/model.ts';
import { makeMarketingMutations } from '../../../subgraphs/marketing/mutationResolvers.ts';
import { OrdersCommands } from '../../../subgraphs/orders/commands.ts';
import { ORDERS_EVENTS } from '../../../subgraphs/orders/events.ts';
import { ordersModels } from '../../../subgraphs/orders/model.ts';
import { makeOrdersMutations } from '../../../subgraphs/orders/mutationResolvers.ts';
import { ANSWERING_EVENTS, ERASED } from '../../../subgraphs/kit/dataSubject/dataSubjectEvents.ts';
import type { EventSchema } from '../../../subgraphs/kit/events/eventType.ts';
import { CUSTOMERS_STEPS, MARKETING_STEPS, ORDERS_STEPS, type Step } from '../../harness/mutationSteps.ts';
import { openMutationWorld, type MutationWorld } from '../../harness/mutationWorld.ts';

interface Subgraph {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly events: readonly EventSchema[];
  readonly open: () => Promise<MutationWorld>;
}

const SUBGRAPHS: readonly Subgraph[] = [
  {
    name: 'customers',
    steps: CUSTOMERS_STEPS,
    events: CUSTOMERS_EVENTS,
    open: () =>
      openMutationWorld('customers', (base) => {
        const models = customersModels(base.connection);
        return {
          models: Object.values(models),
          mutations: makeCustomersMutations(
            new CustomersCommands(base, models, openDataSubjects(base.connection, models).marks),
          ),
        };
      }),
  },
  {
    name: 'orders',
    steps: ORDERS_STEPS,
    events: ORDERS_EVENTS,
    open: () =>
      openMutationWorld('orders', (base) => {
        const models = ordersModels(base.connection);
        return { models: Object.values(models), mutations: makeOrdersMutations(new OrdersCommands(base, models)) };
      }),
  },
  {
    name: 'marketing',
    steps: MARKETING_STEPS,
    events: MARKETING_EVENTS,
    open: () =>
      openMutationWorld('marketing', (base) => {
        const models = marketingModels(base.connection);
        return {
          models: Object.values(models),
          mutations: makeMarketingMutations(new MarketingCommands(base, models)),
        };
      }),
  },
];

/** What subgraphs tell each other in the course of a request; forgetting.test.ts walks through it. */
const TOLD_OTHERWISE: ReadonlySet<EventSchema> = new Set([ERASED, ...ANSWERING_EVENTS]);

/** All that is stored but what keeps the mutations themselves, to see that a failed one left nothing. */
async function stored({ connection }: MutationWorld): Promise<string> {
  const collections = (await connection.db?.listCollections().toArray()) ?? [];
  const names = collections.map(({ name }) => name).sort();
  const contents = names.map(async (name) => connection.collection(name).find().sort({ _id: 1 }).toArray());
  const filled = (await Promise.all(contents)).filter((documents) => documents.length > 0);
  return JSON.stringify(filled);
}

describe.each(SUBGRAPHS)('the mutations of $name', ({ name, steps, events, open }) => {
  let world: MutationWorld;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    world = await open();
  });
  afterAll(() => world.stop());

  it('are all among the steps of this test', () => {
    const covered = new Set(steps.map(({ mutation }) => mutation));
    expect(world.fields.filter((field) => !covered.has(field))).toEqual([]);
  });

  it.each(steps)('$mutation tells $tells', async ({ mutation, args, tells, keeps, keys }) => {
    const given = { ...args(ids), idempotencyKey: drawId() };
    if (tells.length > 0) {
      const before = await stored(world);
      world.failEmits(true);
      await expect(world.mutate(mutation, given)).rejects.toThrow('the outbox fails');
      world.failEmits(false);
      expect(await stored(world)).toBe(before);
    }
    const answered = await world.mutate(mutation, given);
    const rows = await world.newRows();
    const told = rows.map(({ type }) => type);
    expect({ told, answered: told.length === 0 ? [] : answered }).toEqual({
      told: tells,
      answered: told.length === 0 ? [] : answered.map((one) => ({ ...one, message: null })),
    });
    for (const row of rows) {
      const event = JSON.parse(row.payload) as GraphEvent<{ personal?: { customerId: string; sealed: string } }>;
      const schema = events.find(({ type }) => type === row.type);
      const { personal, ...data } = event.data;
      expect(event).toMatchObject({ id: row._id, source: `/crm/${name}`, subject: row.aggregateid });
      expect([versionOf(event), entityKeysOf(event), row.aggregatetype]).toEqual([
        row.version,
        row.keys,
        schema?.aggregate,
      ]);
      expect(schema?.data.strict().safeParse(data).error).toBeUndefined();
      const fields = personal && (await world.keys.unseal(row.tenantId, personal));
      expect(schema?.personal?.strict().safeParse(fields).error).toBeUndefined();
      expect(personal === undefined).toBe(schema?.personal === undefined);
    }
    keeps?.forEach((as, at) => ids.set(as, rows[at]?.aggregateid ?? ''));
    if (keys !== undefined) expect(new Set(rows.flatMap((row) => row.keys))).toEqual(new Set(keys(ids)));
    await world.mutate(mutation, given);
    expect(await world.newRows()).toEqual([]);
  });

  it('tell every type that is declared', () => {
    const told = new Set(steps.flatMap(({ tells }) => tells));
    const byMutations = events.filter((event) => !TOLD_OTHERWISE.has(event));
    expect(byMutations.map(({ type }) => type).filter((type) => !told.has(type))).toEqual([]);
  });
});

describe('the outbox', () => {
  let world: MutationWorld;

  beforeAll(async () => {
    world = await (SUBGRAPHS[0]?.open() ?? Promise.reject(new Error('no subgraph')));
  });
  afterAll(() => world.stop());

  const customer = (more: object = {}) => ({
    ...{ source: 'shop', externalId: 'secret-ref', displayName: 'Ada Hidden', email: 'ada@hidden.example' },
    ...more,
  });

  it('holds no personal field in clear, and none that can be read once the customer is forgotten', async () => {
    await world.mutate('createCustomers', { input: [customer()], idempotencyKey: drawId() });
    const [row] = await world.newRows();
    expect(row?.payload).not.toMatch(/Hidden|hidden|secret-ref/);
    const event = JSON.parse(row?.payload ?? '{}') as GraphEvent<{ personal: { customerId: string; sealed: string } }>;
    const { personal } = event.data;
    expect(await world.keys.unseal('main', personal)).toMatchObject({ displayName: 'Ada Hidden' });
    await world.keys.forget('main', personal.customerId);
    expect(await world.keys.unseal('main', personal)).toBeUndefined();
    const input = [{ id: personal.customerId, version: 1, phone: '+1 555' }];
    await world.mutate('updateCustomers', { input, idempotencyKey: drawId() });
    const [later] = await world.newRows();
    expect(JSON.parse(later?.payload ?? '{}')).toMatchObject({ data: { personal: { sealed: '' } } });
  });

  it('refuses mutations while too many rows wait, and takes them again afterwards', async () => {
    world.outbox.noteBacklog(100_001);
    const args = { input: [customer({ externalId: 'later' })], idempotencyKey: drawId() };
    await expect(world.mutate('createCustomers', args)).rejects.toMatchObject({
      extensions: { code: 'EVENTS_HELD_BACK' },
    });
    expect(await world.newRows()).toEqual([]);
    world.outbox.noteBacklog(0);
    expect(await world.mutate('createCustomers', args)).toMatchObject([{ code: 'CREATED' }]);
    expect(await world.newRows()).toHaveLength(1);
  });

  it('refuses an event over 256 KB, and writes nothing of its transaction', async () => {
    const session = await world.connection.startSession();
    const write = { session, tenantId: 'main', now: systemClock.now(), callId: drawId() };
    const data = { text: 'x'.repeat(256 * 1_024) };
    const event = { type: 'crm.test.v1', aggregate: 'Order' as const, id: 'ord_1', version: 1, keys: [], data };
    const emitted = session.withTransaction(() => world.outbox.emit(write, [{ ...event, data: {} }, event]));
    await expect(emitted).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE' });
    await session.endSession();
    expect(await world.newRows()).toEqual([]);
  });
});
