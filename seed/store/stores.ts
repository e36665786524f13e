// The three databases that a seed fills, opened side by side, and the collection of each kind of document.
import type { Collection, Connection, Model } from 'mongoose';
import { customersModels, type CustomersModels } from '../../subgraphs/customers/model.ts';
import { openDatabase } from '../../subgraphs/kit/read/mongo.ts';
import { marketingModels, type MarketingModels } from '../../subgraphs/marketing/model.ts';
import { ordersModels, type OrdersModels } from '../../subgraphs/orders/model.ts';

/** The collections of all subgraphs, and the one in which a seed keeps how far it came. */
export interface Stores {
  readonly customers: CustomersModels;
  readonly orders: OrdersModels;
  readonly marketing: MarketingModels;
  readonly progress: Collection;
  /** Makes the indexes that are missing, as the subgraphs do when they start. */
  makeIndexes(): Promise<void>;
  close(): Promise<void>;
}

type Indexed = Pick<Model<never>, 'createIndexes'>;

const PROGRESS_COLLECTION = 'seed_progress';

async function openAll(uri: string, prefix: string): Promise<readonly [Connection, Connection, Connection]> {
  // One after the other: when nothing answers, one line says so and nothing is left open.
  const first = await openDatabase(uri, `${prefix}_customers`);
  return [first, await openDatabase(uri, `${prefix}_orders`), await openDatabase(uri, `${prefix}_marketing`)];
}

/** Takes the server's URI and the databases' prefix; gives the open stores. Throws StartError when nothing answers. */
export async function openStores(uri: string, prefix: string): Promise<Stores> {
  const connections = await openAll(uri, prefix);
  const [customersConnection, ordersConnection, marketingConnection] = connections;
  const customers = customersModels(customersConnection);
  const orders = ordersModels(ordersConnection);
  const marketing = marketingModels(marketingConnection);
  const models = [customers, orders, marketing].flatMap((group) => Object.values(group as object) as Indexed[]);
  return {
    customers,
    orders,
    marketing,
    progress: customersConnection.collection(PROGRESS_COLLECTION),
    async makeIndexes() {
      await Promise.all(models.map((model) => model.createIndexes()));
    },
    async close() {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}
