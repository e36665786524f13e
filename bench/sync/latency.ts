// How long after a mutation's answer its change is seen in another subgraph: customers are renamed through the gateway,
// several in one mutation, and their orders get the new name by the event.
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { startTestGraph, type TestGraph } from '../../test/harness/testGraph.ts';
import { figuresOf, type Figures } from '../figures.ts';

const CHANGES_AT_ONCE = 10;
const CUSTOMERS = 1_000;
/** CRM_TENANT_ID, as it is where nobody says otherwise. */
const TENANT = 'main';
const LOOK_MS = 4;
/** After so long without it, a change counts as not seen. */
const GIVEN_UP_MS = 20_000;
/** Groups that read for the first time set themselves up at the broker meanwhile. */
const WARM_SECONDS = 3;
const SETTLE_MS = 3_000;

/** What is measured. */
export interface LatencyPlace {
  /** Settings of all parts: MONGODB_URI, CRM_BROKER_URL. */
  readonly settings: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** How many customers are renamed a second. */
  readonly rate: number;
}

/** What it came to. */
export interface Latency extends Figures {
  readonly eventsPerSecond: number;
  readonly missing: number;
}

interface Watched {
  readonly customerId: string;
  readonly name: string;
  readonly answeredMs: number;
}

interface Customer {
  readonly id: string;
  version: number;
}

const RENAME = `mutation($input: [CustomerPatch!]!, $key: ID!) {
  updateCustomers(input: $input, idempotencyKey: $key) { code customer { id version } }
}`;

/** Renames some customers; gives what is to be seen elsewhere, from the moment of the answer. */
async function rename(graph: TestGraph, customers: readonly Customer[]): Promise<Watched[]> {
  const input = customers.map(({ id, version }) => ({ id, version, displayName: `Bench ${drawId()}` }));
  const { data, errors } = await graph.ask<{ updateCustomers: ({ code: string; customer: Customer | null } | null)[] }>(
    RENAME,
    { input, key: drawId() },
  );
  const answeredMs = systemClock.steadyMs();
  if (errors.length > 0) throw new Error(errors[0]?.message);
  return data.updateCustomers.flatMap((result, at) => {
    const [customer, asked] = [customers[at], input[at]];
    if (!result?.customer || customer === undefined || asked === undefined) throw new Error('it was not renamed');
    customer.version = result.customer.version;
    return [{ customerId: customer.id, name: asked.displayName, answeredMs }];
  });
}

/** Looks for new names until nothing more is to come; gives how long each took. */
class Watch {
  readonly timesMs: number[] = [];
  readonly #waiting = new Map<string, Watched>();
  #isOver = false;

  add(watched: readonly Watched[]): void {
    for (const one of watched) this.#waiting.set(one.customerId, one);
  }

  isWaitingFor(customerId: string): boolean {
    return this.#waiting.has(customerId);
  }

  end(): void {
    this.#isOver = true;
  }

  /** Gives how many were never seen. */
  async run(uri: string, database: string): Promise<number> {
    const connection = await openDatabase(uri, database);
    const orders = connection.collection<{ tenantId: string; customerId: string; customerDisplayName: string }>(
      'orders',
    );
    let lastSeenMs = systemClock.steadyMs();
    while (!this.#isOver || this.#waiting.size > 0) {
      if (this.#isOver && systemClock.steadyMs() - lastSeenMs > GIVEN_UP_MS) break;
      await pause(LOOK_MS);
      if (this.#waiting.size === 0) continue;
      const ids = [...this.#waiting.keys()];
      const found = await orders
        .find(
          { tenantId: TENANT, customerId: { $in: ids } },
          { hint: 'byCustomer', projection: { customerId: 1, customerDisplayName: 1 } },
        )
        .toArray();
      const nowMs = systemClock.steadyMs();
      for (const { customerId, customerDisplayName } of found) {
        const watched = this.#waiting.get(customerId);
        if (watched?.name !== customerDisplayName) continue;
        this.#waiting.delete(customerId);
        this.timesMs.push(Math.max(0, nowMs - watched.answeredMs));
        lastSeenMs = nowMs;
      }
    }
    await connection.close();
    return this.#waiting.size;
  }
}

/** Gives customers who have one to five orders: a rename is a few writes. */
async function readCustomers({ uri, prefix }: TestGraph): Promise<Customer[]> {
  const [customers, orders] = await Promise.all(
    ['customers', 'orders'].map((name) => openDatabase(uri, `${prefix}_${name}`)),
  );
  if (customers === undefined || orders === undefined) throw new Error('there is no database');
  const counted = await orders
    .collection('order_stats')
    .find({ orderCount: { $gte: 1, $lte: 5 } })
    .toArray();
  const ids = counted.map((row) => String(row['customerId']));
  const found = await customers
    .collection<{ _id: string; version: number }>('customers')
    .find({ _id: { $in: ids }, deletedAt: null }, { projection: { version: 1 } })
    .toArray();
  await Promise.all([customers.close(), orders.close()]);
  return found.map(({ _id, version }) => ({ id: _id, version }));
}

/** Renames at a steady pace, whether earlier ones are answered or not; gives how many events that made a second. */
async function renameSteadily(
  graph: TestGraph,
  watch: Watch,
  { seconds, rate }: Pick<LatencyPlace, 'seconds' | 'rate'>,
): Promise<number> {
  const customers = await readCustomers(graph);
  const everyMs = (CHANGES_AT_ONCE * 1_000) / rate;
  const asking: Promise<void>[] = [];
  const busy = new Set<string>();
  const startMs = systemClock.steadyMs();
  let events = 0;
  for (let turn = 0; turn * everyMs < seconds * 1_000; turn += 1) {
    await pause(Math.max(0, startMs + turn * everyMs - systemClock.steadyMs()));
    const free = customers.filter(({ id }) => !busy.has(id) && !watch.isWaitingFor(id)).slice(0, CHANGES_AT_ONCE);
    if (free.length === 0) continue;
    // Those that were just changed go to the end of the row.
    for (const one of free) customers.push(...customers.splice(customers.indexOf(one), 1));
    for (const { id } of free) busy.add(id);
    events += free.length;
    asking.push(
      rename(graph, free).then((watched) => {
        watch.add(watched);
        for (const { id } of free) busy.delete(id);
      }),
    );
  }
  await Promise.all(asking);
  return Math.round(events / ((systemClock.steadyMs() - startMs) / 1_000));
}

/** Starts the graph and measures. */
export async function measureLatency({ settings, ...pace }: LatencyPlace): Promise<Latency> {
  const graph = await startTestGraph(CUSTOMERS, settings);
  try {
    // What runs for the first time runs slowly.
    const first = new Watch();
    const warm = first.run(graph.uri, `${graph.prefix}_orders`);
    await renameSteadily(graph, first, { ...pace, seconds: WARM_SECONDS });
    first.end();
    await warm;
    await pause(SETTLE_MS);
    const watch = new Watch();
    const running = watch.run(graph.uri, `${graph.prefix}_orders`);
    const eventsPerSecond = await renameSteadily(graph, watch, pace);
    watch.end();
    return { eventsPerSecond, missing: await running, ...figuresOf(watch.timesMs) };
  } finally {
    await graph.stop();
  }
}
