// The auditor: compares what was acknowledged with what the owners have and what the followers made of it, and says in a
// sentence each what is lost, doubled or different (reliability.md, invariants 1 to 5).
import type { CopiesReader, Row, Table } from './readCopies.ts';
import { keptOf, type TrueOrder, type Truth } from './truth.ts';

/** What is wrong, by kind. */
export interface Findings {
  readonly lost: string[];
  readonly twice: string[];
  readonly different: string[];
}

const TENANT = 'main';
const OWNERS = { customers: '/crm/customers', orders: '/crm/orders' } as const;

class Auditor {
  readonly findings: Findings = { lost: [], twice: [], different: [] };
  readonly #truth: Truth;
  readonly #tables: ReadonlyMap<Table, readonly Row[]>;

  constructor(truth: Truth, tables: ReadonlyMap<Table, readonly Row[]>) {
    this.#truth = truth;
    this.#tables = tables;
  }

  run(): Findings {
    this.#customers();
    this.#orders();
    this.#events('customers.outbox', 'customers.customers');
    this.#events('orders.outbox', 'orders.orders');
    this.#orderStats();
    this.#figures();
    this.#profiles();
    this.#timeline();
    this.#consumed();
    this.#quiet();
    return this.findings;
  }

  #rows(table: Table): readonly Row[] {
    return this.#tables.get(table) ?? [];
  }

  #byId(table: Table): Map<string, Row> {
    return new Map(this.#rows(table).map((row) => [row._id, row]));
  }

  #compare(what: string, found: unknown, wanted: unknown): void {
    const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (left !== right) this.findings.different.push(`${what}: ${left}, but ${right} is right`);
  }

  #customers(): void {
    const stored = this.#byId('customers.customers');
    for (const { id, name, version, mergedInto } of this.#truth.customers) {
      const row = stored.get(id);
      if (row === undefined) {
        this.findings.lost.push(`customer ${id}`);
        continue;
      }
      this.#compare(`${id} is merged into`, row['mergedInto'] ?? null, mergedInto?.id ?? null);
      if (mergedInto === undefined) this.#compare(id, [row['displayName'], row['version']], [name, version]);
    }
    this.#extra('customer', stored.keys(), new Set(this.#truth.customers.map(({ id }) => id)));
  }

  #extra(what: string, stored: Iterable<string>, known: ReadonlySet<string>): void {
    for (const id of stored) if (!known.has(id)) this.findings.twice.push(`${what} ${id} that nobody was told of`);
  }

  #orders(): void {
    const stored = this.#byId('orders.orders');
    for (const order of this.#truth.orders) {
      const row = stored.get(order.id);
      if (row === undefined) {
        this.findings.lost.push(`order ${order.id}`);
        continue;
      }
      const payments = (row['payments'] as readonly unknown[]).length;
      if (payments > order.payments) this.findings.twice.push(`${payments} payments of ${order.id}`);
      if (payments < order.payments) this.findings.lost.push(`a payment of ${order.id}`);
      const { id, name } = keptOf(order.customer);
      const found = [row['status'], row['totalMinor'], row['customerId'], row['customerDisplayName']];
      this.#compare(order.id, found, [order.status, order.totalMinor, id, name]);
      if (Number(row['version']) < order.version) this.findings.lost.push(`version ${order.version} of ${order.id}`);
    }
    this.#extra('order', stored.keys(), new Set(this.#truth.orders.map(({ id }) => id)));
  }

  /** Each version of an entity has one event: change and event are both there or both not. */
  #events(outbox: 'customers.outbox' | 'orders.outbox', owner: Table): void {
    const events = Map.groupBy(this.#rows(outbox), ({ aggregateid }) => String(aggregateid));
    for (const { _id, version, mergedInto } of this.#rows(owner)) {
      // The loser's last version is told by the event of its keeper.
      const last = Number(version) - (mergedInto == null ? 0 : 1);
      const told = (events.get(_id) ?? []).map((event) => Number(event['version'])).sort((left, right) => left - right);
      const wanted = Array.from({ length: last }, (_, at) => at + 1);
      this.#compare(`the versions that ${_id} told of`, told, wanted);
    }
  }

  /** Gives the orders that count, by the customer whose they are now. */
  #counted(): Map<string, TrueOrder[]> {
    return Map.groupBy(
      this.#truth.orders.filter(({ status }) => status !== 'CANCELLED'),
      ({ customer }) => keptOf(customer).id,
    );
  }

  #orderStats(): void {
    const counted = this.#counted();
    const stored = this.#byId('orders.order_stats');
    for (const { id } of this.#truth.customers) {
      const wanted = (counted.get(id) ?? []).length;
      this.#compare(`the order count of ${id}`, stored.get(`${TENANT}:${id}`)?.['orderCount'] ?? 0, wanted);
    }
  }

  #figures(): void {
    const stored = this.#byId('marketing.order_figures');
    for (const { id, customer, totalMinor, status } of this.#truth.orders) {
      const row = stored.get(`${TENANT}:${id}`);
      const found = [row?.['customerId'], row?.['amountMinor'], row?.['isCounted']];
      this.#compare(`marketing's figures of ${id}`, found, [keptOf(customer).id, totalMinor, status !== 'CANCELLED']);
    }
    const known = new Set(this.#truth.orders.map(({ id }) => `${TENANT}:${id}`));
    this.#extra('figures of order', stored.keys(), known);
  }

  #profiles(): void {
    const counted = this.#counted();
    const stored = this.#byId('marketing.audience_profiles');
    for (const { id } of this.#truth.customers) {
      const row = stored.get(`${TENANT}:${id}`);
      const own = counted.get(id) ?? [];
      const sum = own.reduce((total, { totalMinor }) => total + totalMinor, 0);
      const found = [row?.['orderCount'] ?? 0, row?.['lifetimeValueMinor'] ?? 0];
      this.#compare(`marketing's profile of ${id}`, found, [own.length, sum]);
    }
  }

  #timeline(): void {
    const entries = Map.groupBy(this.#rows('customers.timeline_entries'), ({ title }) => String(title));
    const expect = (title: string, order: TrueOrder): void => {
      const [first, ...more] = entries.get(title) ?? [];
      entries.delete(title);
      if (first === undefined) this.findings.lost.push(`the entry "${title}"`);
      else this.#compare(`whose the entry "${title}" is`, first['customerId'], keptOf(order.customer).id);
      if (more.length > 0) this.findings.twice.push(`${more.length + 1} entries "${title}"`);
    };
    for (const order of this.#truth.orders) {
      expect(`Order ${order.number} placed`, order);
      if (order.status === 'CANCELLED') expect(`Order ${order.number} cancelled`, order);
    }
    for (const title of entries.keys()) this.findings.twice.push(`the entry "${title}" of nothing that happened`);
  }

  /** Every consumer that keeps states stands at the version that the owner has. */
  #consumed(): void {
    const orders = this.#rows('orders.orders');
    const at = (table: Table, consumer: string): void => {
      const rows = this.#byId(table);
      for (const { _id, version } of orders) {
        const row = rows.get(`${consumer} ${OWNERS.orders} ${TENANT}:${_id}`);
        this.#compare(`${consumer}'s version of ${_id}`, row?.['version'], version);
      }
    };
    at('marketing.consumed_versions', 'marketing.orders');
    at('customers.consumed_versions', 'customers.timeline');
  }

  #quiet(): void {
    for (const name of ['customers', 'orders', 'marketing'] as const) {
      const unsent = this.#rows(`${name}.outbox`).filter(({ sentAt }) => sentAt === null);
      this.#compare(`unsent events of ${name}`, unsent.length, 0);
      for (const { _id, reason, message } of this.#rows(`${name}.parked`))
        this.findings.lost.push(`parked in ${name}: ${_id} ${String(reason)} ${String(message)}`);
    }
  }
}

const TABLES = [
  ...(['customers.customers', 'customers.timeline_entries', 'customers.consumed_versions'] as const),
  ...(['orders.orders', 'orders.order_stats', 'marketing.order_figures', 'marketing.audience_profiles'] as const),
  ...(['marketing.consumed_versions', 'customers.outbox', 'orders.outbox', 'marketing.outbox'] as const),
  ...(['customers.parked', 'orders.parked', 'marketing.parked'] as const),
] satisfies readonly Table[];

/** Takes what is true and where to read; gives what is wrong. */
export async function audit(truth: Truth, reader: CopiesReader): Promise<Findings> {
  const tables = new Map<Table, readonly Row[]>();
  for (const table of TABLES) tables.set(table, await reader.rows(table));
  return new Auditor(truth, tables).run();
}

/** How many things are wrong. */
export function countFindings({ lost, twice, different }: Findings): number {
  return lost.length + twice.length + different.length;
}
