// Fills the databases of the three subgraphs with a made-up shop: the entry of this part. Stores customers range by
// range, each with everything that belongs to it; what is stored already is not made again.
import type { Collection } from 'mongoose';
import { systemClock } from '../platform/clock.ts';
import { makeDefinitions } from './make/catalogue.ts';
import { makeTemplates } from './make/campaigns.ts';
import { DocumentInserter, Slots } from './store/insertDocuments.ts';
import { makeChunk, makeSetting, type ChunkDocuments, type Setting } from './make/makeChunk.ts';
import { customersIn, missingRanges, readProgress, recordRange, type Range } from './store/progress.ts';
import { openStores, type Stores } from './store/stores.ts';
import { sumChunk } from './make/sums.ts';
import { DEFAULT_SEED, DEFAULT_UNTIL, idAt, makeWorld, type World } from './make/world.ts';
import { writeSums } from './store/writeSums.ts';

const CHUNKS_IN_FLIGHT_MAX = 2;

/** How far a seed is. */
export interface SeedProgress {
  readonly customersDone: number;
  readonly customersTotal: number;
  /** Documents inserted by this run. */
  readonly documentCount: number;
  readonly ms: number;
}

/** What to fill, and with how much. */
export interface SeedRequest {
  readonly uri: string;
  readonly prefix: string;
  readonly tenantId: string;
  readonly customers: number;
  /** A whole number of 32 bits; DEFAULT_SEED when absent. */
  readonly seed?: number;
  /** The last day of the data as an ISO time; DEFAULT_UNTIL when absent. */
  readonly until?: string;
  readonly onProgress?: (progress: SeedProgress) => void;
  /** Stops after the ranges that are being stored; another run goes on from there. */
  readonly signal?: AbortSignal;
}

/** What a seed did. */
export interface SeedSummary {
  /** Whether all customers that were asked for are there. */
  readonly isComplete: boolean;
  readonly customersDone: number;
  readonly showcaseCustomerId: string;
  /** Documents inserted by this run, by collection and in all. */
  readonly documents: Readonly<Record<string, number>>;
  readonly documentCount: number;
  readonly ms: number;
  readonly documentsPerSecond: number;
}

/** Takes a customer's number, from 0; gives its id in the default seed of a tenant. */
export function seededCustomerId(tenantId: string, number: number, seed: number = DEFAULT_SEED): string {
  return idAt(makeWorld(tenantId, seed, Date.parse(DEFAULT_UNTIL)), 'cus', number);
}

/** The customer of the default tenant and seed that has some of everything: for examples and the first query. */
export const SHOWCASE_CUSTOMER_ID = seededCustomerId('main', 0);

function targetsOf({ customers, orders, marketing }: Stores): Readonly<Record<keyof ChunkDocuments, Collection>> {
  return {
    companies: customers.companies.collection,
    customers: customers.customers.collection,
    timeline: customers.timeline.collection,
    orders: orders.orders.collection,
    stats: orders.stats.collection,
    campaignMembers: marketing.campaignMembers.collection,
    segmentMemberships: marketing.segmentMemberships.collection,
    consents: marketing.consents.collection,
    suppressions: marketing.suppressions.collection,
    engagements: marketing.engagements.collection,
    attributions: marketing.attributions.collection,
    audienceProfiles: marketing.audienceProfiles.collection,
    orderFigures: marketing.orderFigures.collection,
  };
}

/** One run of a seed over open stores. */
class SeedRun {
  readonly inserter = new DocumentInserter();
  customersDone: number;
  readonly #startMs = systemClock.steadyMs();
  readonly #stores: Stores;
  readonly #setting: Setting;
  readonly #request: SeedRequest;

  constructor(
    stores: Stores,
    setting: Setting,
    { request, stored }: { request: SeedRequest; stored: readonly Range[] },
  ) {
    this.#stores = stores;
    this.#setting = setting;
    this.#request = request;
    this.customersDone = customersIn(stored);
  }

  get ms(): number {
    return systemClock.steadyMs() - this.#startMs;
  }

  /** Stores what all customers share. */
  async storeShared(): Promise<void> {
    const { world, shelves, segments, campaigns } = this.#setting;
    const { customers, orders, marketing } = this.#stores;
    await this.#stores.makeIndexes();
    const products = shelves.flatMap((shelf) => shelf.products);
    await Promise.all([
      this.inserter.insert(customers.definitions.collection, makeDefinitions(world)),
      this.inserter.insert(orders.products.collection, products),
      this.inserter.insert(marketing.templates.collection, makeTemplates(world)),
      this.inserter.insert(marketing.segments.collection, segments),
      this.inserter.insert(
        marketing.campaigns.collection,
        campaigns.map(({ document }) => document),
      ),
    ]);
  }

  /** Stores ranges, two at a time: the next one is made while the one before is on its way. */
  async storeRanges(ranges: readonly Range[]): Promise<void> {
    const slots = new Slots(CHUNKS_IN_FLIGHT_MAX);
    const faults: unknown[] = [];
    const storing: Promise<void>[] = [];
    for (const range of ranges) {
      await slots.take();
      if (faults.length > 0 || this.#request.signal?.aborted === true) break;
      const stored = this.#storeRange(range).catch((error: unknown) => void faults.push(error));
      storing.push(stored.finally(() => slots.give()));
    }
    await Promise.all(storing);
    if (faults.length > 0) throw faults[0];
  }

  async #storeRange(range: Range): Promise<void> {
    const { world } = this.#setting;
    const chunk = makeChunk(this.#setting, range);
    const targets = Object.entries(targetsOf(this.#stores)) as [keyof ChunkDocuments, Collection][];
    await Promise.all(targets.map(([name, collection]) => this.inserter.insert(collection, chunk[name])));
    await recordRange(this.#stores, world, { ...range, sums: sumChunk(world.tenantId, chunk) });
    this.customersDone += range.to - range.from;
    const { customersDone, ms } = this;
    const customersTotal = this.#request.customers;
    this.#request.onProgress?.({ customersDone, customersTotal, documentCount: this.inserter.total, ms });
  }
}

function summarize(world: World, run: SeedRun, isComplete: boolean): SeedSummary {
  const { ms, customersDone } = run;
  const documentCount = run.inserter.total;
  return {
    isComplete,
    customersDone,
    showcaseCustomerId: idAt(world, 'cus', 0),
    documents: Object.fromEntries([...run.inserter.counts].sort(([left], [right]) => (left < right ? -1 : 1))),
    documentCount,
    ms: Math.round(ms),
    documentsPerSecond: Math.round((documentCount / ms) * 1_000),
  };
}

/**
 * Fills `<prefix>_customers`, `<prefix>_orders` and `<prefix>_marketing` with so many customers and all that belongs to
 * them; equal requests give equal documents. Throws StartError when no database answers, or when it holds data of this
 * seed up to another day.
 */
export async function seedGraph(request: SeedRequest): Promise<SeedSummary> {
  const { uri, prefix, tenantId, customers, seed = DEFAULT_SEED, until = DEFAULT_UNTIL } = request;
  const world = makeWorld(tenantId, seed, Date.parse(until));
  const stores = await openStores(uri, prefix);
  try {
    const { ranges: stored, summedCount } = await readProgress(stores, world);
    const storedTo = Math.max(customers, ...stored.map(({ to }) => to));
    const setting = makeSetting(world, storedTo);
    const run = new SeedRun(stores, setting, { request, stored });
    const missing = missingRanges(stored, customers);
    if (missing.length > 0) await run.storeShared();
    await run.storeRanges(missing);
    if (run.customersDone > summedCount) await writeSums(stores, setting);
    return summarize(world, run, run.customersDone >= customersIn([...stored, ...missing]));
  } finally {
    await stores.close();
  }
}
