// The clients of a fault run: each makes customers and orders of its own, renames, merges, pays and cancels, by a seed;
// each mutation has one idempotency key and is sent until it is acknowledged.
import { setTimeout as delay } from 'node:timers/promises';
import type { TestGraph } from '../../harness/testGraph.ts';
import type { TrueCustomer, TrueOrder, Truth } from './truth.ts';

const WRITERS = 6;
const AGAIN_MS = 100;
/**
 * A mutation that nobody acknowledges for so long never is. What a killed subgraph's open transaction holds is free
 * after a minute (MongoDB's transactionLifetimeLimitSeconds).
 */
const ACKNOWLEDGED_WITHIN_MS = 90_000;
const PLACED_AT = '2026-03-01T10:00:00.000Z';
/** Nothing is UNCHANGED: whoever repeats a mutation gets the first answer. */
const SURE: ReadonlySet<string> = new Set(['CREATED', 'UPDATED', 'CONFLICT']);

interface Result {
  readonly code: string;
  readonly message: string | null;
  readonly currentVersion: number;
  readonly entity: { readonly id: string; readonly number?: string } | null;
}

/** What writers work with. */
export interface Writing {
  readonly graph: TestGraph;
  readonly truth: Truth;
  readonly random: () => number;
  /** How many mutations are to be acknowledged, with those that are already. */
  readonly mutations: number;
  /** The writers' names begin with it; `w` by default. */
  readonly prefix?: string;
}

class Writer {
  readonly #writing: Writing;
  readonly #name: string;
  readonly #customers: TrueCustomer[] = [];
  readonly #orders: TrueOrder[] = [];
  #keys = 0;

  constructor(writing: Writing, name: string) {
    this.#writing = writing;
    this.#name = name;
  }

  async run(): Promise<void> {
    const { truth, mutations } = this.#writing;
    while (truth.acknowledged < mutations) await this.#step();
  }

  #step(): Promise<void> {
    const draw = this.#writing.random();
    const customer = this.#pick(this.#customers);
    const open = this.#pick(this.#orders.filter(({ status }) => status === 'PLACED'));
    if (customer === undefined || draw < 0.15) return this.#create();
    if (draw < 0.35) return this.#rename(customer);
    if (draw < 0.4 && this.#customers.length > 2) return this.#merge();
    if (draw < 0.7 || open === undefined) return this.#place(customer);
    return draw < 0.85 ? this.#pay(open) : this.#cancel(open);
  }

  async #create(): Promise<void> {
    const name = this.#newName();
    const result = await this.#send('createCustomers', [{ displayName: name }]);
    const customer = { id: idOf(result), name, version: result.currentVersion, mergedInto: undefined };
    this.#customers.push(customer);
    this.#writing.truth.customers.push(customer);
  }

  async #rename(customer: TrueCustomer): Promise<void> {
    const name = this.#newName();
    const result = await this.#send('updateCustomers', [
      { id: customer.id, version: customer.version, displayName: name },
    ]);
    refuseConflict(result);
    Object.assign(customer, { name, version: result.currentVersion });
  }

  async #merge(): Promise<void> {
    const loser = this.#pick(this.#customers);
    const keeper = this.#pick(this.#customers.filter((other) => other !== loser));
    if (loser === undefined || keeper === undefined) return;
    const document = `mutation ($keep: ID!, $lose: ID!, $version: Int!, $key: ID!) {
      results: mergeCustomers(keep: $keep, lose: $lose, version: $version, idempotencyKey: $key) { code message currentVersion } }`;
    const result = await this.#acknowledge(document, { keep: keeper.id, lose: loser.id, version: keeper.version });
    refuseConflict(result);
    keeper.version = result.currentVersion;
    loser.mergedInto = keeper;
    this.#customers.splice(this.#customers.indexOf(loser), 1);
  }

  async #place(customer: TrueCustomer): Promise<void> {
    const priceMinor = 100 + Math.floor(this.#writing.random() * 10_000);
    const externalId = `${this.#name}-${this.#orders.length}`;
    const lines = [{ sku: 'lamp', quantity: 2, priceMinor }];
    const from = { source: 'shop', externalId, customerId: customer.id, customerDisplayName: customer.name };
    const result = await this.#send('placeOrders', [{ ...from, placedAt: PLACED_AT, currency: 'EUR', lines }]);
    const made = { id: idOf(result), number: result.entity?.number ?? '', totalMinor: 2 * priceMinor };
    const order: TrueOrder = { ...made, customer, version: result.currentVersion, status: 'PLACED', payments: 0 };
    this.#orders.push(order);
    this.#writing.truth.orders.push(order);
  }

  async #pay(order: TrueOrder): Promise<void> {
    const amount = { amountMinor: order.totalMinor, currency: 'EUR' };
    await this.#changeOrder('payOrders', order, { amount, method: 'CARD', paidAt: PLACED_AT });
    order.payments += 1;
    order.status = 'PAID';
  }

  async #cancel(order: TrueOrder): Promise<void> {
    await this.#changeOrder('cancelOrders', order, {});
    order.status = 'CANCELLED';
  }

  /** Changes an order; followers may have changed it meanwhile, then it is tried with the version that is there. */
  async #changeOrder(mutation: string, order: TrueOrder, fields: object): Promise<void> {
    for (;;) {
      const result = await this.#send(mutation, [{ orderId: order.id, version: order.version, ...fields }]);
      order.version = result.currentVersion;
      if (result.code === 'UPDATED') return;
      if (result.code !== 'CONFLICT') throw new Error(`${mutation} answers ${JSON.stringify(result)}`);
    }
  }

  #send(mutation: string, input: readonly object[]): Promise<Result> {
    const { type, field, more } = INPUTS[mutation] ?? { type: '', field: '', more: '' };
    const document = `mutation ($input: [${type}!]!, $key: ID!) {
      results: ${mutation}(input: $input, idempotencyKey: $key) { code message currentVersion entity: ${field} { id ${more} } } }`;
    return this.#acknowledge(document, { input });
  }

  /** Sends a mutation with a key of its own until its result is sure. */
  async #acknowledge(document: string, variables: object): Promise<Result> {
    const { graph, truth } = this.#writing;
    const key = `${this.#name}-${this.#keys++}`;
    const endMs = performance.now() + ACKNOWLEDGED_WITHIN_MS;
    for (;;) {
      const answer = await graph
        .ask<{ results: Result | readonly Result[] | null } | null>(document, { ...variables, key })
        .catch((error: unknown) => error);
      const results = readResults(answer);
      const result = Array.isArray(results) ? (results[0] as Result) : (results as Result | undefined);
      if (result !== undefined) {
        if (!SURE.has(result.code)) throw new Error(`${document} answers ${JSON.stringify(result)}`);
        if (result.code !== 'CONFLICT') truth.acknowledged += 1;
        return result;
      }
      truth.repeated += 1;
      if (performance.now() > endMs) throw new Error(`${document} is never acknowledged: ${JSON.stringify(answer)}`);
      await delay(AGAIN_MS);
    }
  }

  #newName(): string {
    return `Person ${this.#name} ${this.#keys}`;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#writing.random() * from.length)];
  }
}

const INPUTS: Readonly<Record<string, { readonly type: string; readonly field: string; readonly more: string }>> = {
  createCustomers: { type: 'CustomerInput', field: 'customer', more: '' },
  updateCustomers: { type: 'CustomerPatch', field: 'customer', more: '' },
  placeOrders: { type: 'OrderInput', field: 'order', more: 'number' },
  payOrders: { type: 'PaymentInput', field: 'order', more: '' },
  cancelOrders: { type: 'CancelInput', field: 'order', more: '' },
};

function readResults(answer: unknown): unknown {
  const { data, errors } = answer as { data?: { results?: unknown } | null; errors?: readonly unknown[] };
  return errors?.length === 0 ? (data?.results ?? undefined) : undefined;
}

function idOf({ entity, code, message }: Result): string {
  if (entity === null) throw new Error(`nothing was made: ${code} ${message ?? ''}`);
  return entity.id;
}

/** Only its writer changes a customer, so a conflict says that a change was done twice. */
function refuseConflict({ code, message }: Result): void {
  if (code !== 'UPDATED')
    throw new Error(`a change of a customer that nobody else changes answers ${code}: ${message ?? ''}`);
}

/** Writes until as many mutations are acknowledged as are wanted. */
export async function runWriters(writing: Writing): Promise<void> {
  const writers = Array.from({ length: WRITERS }, (_, at) => new Writer(writing, `${writing.prefix ?? 'w'}${at}`));
  await Promise.all(writers.map((writer) => writer.run()));
}
