// The databases of a graph as the auditor reads them: plain rows, without any code of the parts that wrote them.
import type { Connection } from 'mongoose';
import { SUBGRAPHS, type SubgraphName, type TestGraph } from '../../harness/testGraph.ts';
import { openDatabase } from '../../../subgraphs/kit/read/mongo.ts';

/** A row; the auditor knows the fields that it looks at. */
export type Row = Readonly<Record<string, unknown>> & { readonly _id: string };

/** `<subgraph>.<collection>` */
export type Table =
  | `${SubgraphName}.${'outbox' | 'parked' | 'consumed_versions'}`
  | `customers.${'customers' | 'timeline_entries'}`
  | `orders.${'orders' | 'order_stats'}`
  | `marketing.${'order_figures' | 'audience_profiles'}`;

/** Reads whole collections of a graph's databases. */
export class CopiesReader {
  readonly #connection: Connection;
  readonly #prefix: string;

  private constructor(connection: Connection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  /** Connects to a graph's database. */
  static async open({ uri, prefix }: Pick<TestGraph, 'uri' | 'prefix'>): Promise<CopiesReader> {
    return new CopiesReader(await openDatabase(uri, `${prefix}_orders`), prefix);
  }

  /** Gives all rows. */
  rows(table: Table): Promise<Row[]> {
    const [subgraph = '', collection = ''] = table.split('.');
    const db = this.#connection.getClient().db(`${this.#prefix}_${subgraph}`);
    const projection = { payload: 0, text: 0 };
    return db.collection<Row>(collection).find({}, { projection, batchSize: 10_000 }).toArray();
  }

  /** How many events are not sent yet, in all subgraphs. */
  async countUnsent(): Promise<number> {
    const counts = SUBGRAPHS.map((name) =>
      this.#connection.getClient().db(`${this.#prefix}_${name}`).collection('outbox').countDocuments({ sentAt: null }),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
