// What `crm-graph events` works with: the parked events, outboxes and consumers of all subgraphs, beside their running
// processes. A consumer's name begins with its subgraph's.
import type { Config } from '../../platform/config.ts';
import { systemClock } from '../../platform/clock.ts';
import { openSubgraphDatabases, type SubgraphDatabase } from '../consume/mongoSubgraphs.ts';
import type { ConsumerRow } from '../consume/consumerNames.ts';
import type { ParkedRow, ParkedSelection } from '../consume/parked.ts';
import { replayFromOutbox, replayParked, type OutboxSelection } from '../consume/replay.ts';

export type { ParkedRow, ParkedSelection } from '../consume/parked.ts';
export type { OutboxSelection } from '../consume/replay.ts';

/** The settings that say where the subgraphs' databases are. */
export type EventsConfig = Pick<Config, 'MONGODB_URI' | 'CRM_MONGO_HOST' | 'CRM_MONGO_PORT' | 'CRM_DATABASE_PREFIX'>;

/** That a command cannot be done as it was asked: an expected refusal. */
export class EventsRefusal extends Error {
  override readonly name = 'EventsRefusal';
}

/** How many there are of a selection, and the first of them. */
export interface ParkedList {
  readonly rows: readonly ParkedRow[];
  readonly isCut: boolean;
}

/** The desk at which somebody looks after events. */
export class EventsDesk {
  readonly #databases: readonly SubgraphDatabase[];

  constructor(databases: readonly SubgraphDatabase[]) {
    this.#databases = databases;
  }

  /** Gives every consumer that ever started. */
  async consumers(): Promise<ConsumerRow[]> {
    return (await Promise.all(this.#databases.map(({ store }) => store.consumers.list()))).flat();
  }

  /** Gives up to `countMax` parked events, the oldest of each consumer first. */
  async parked(selection: ParkedSelection, countMax: number): Promise<ParkedList> {
    const found = await Promise.all(
      this.#of(selection.consumer).map(({ store }) => store.parked.list(selection, countMax + 1)),
    );
    const rows = found.flat();
    return { rows: rows.slice(0, countMax), isCut: rows.length > countMax };
  }

  /** Hands parked events to their consumers again; gives how many. */
  async replayParked(selection: ParkedSelection): Promise<number> {
    let count = 0;
    for (const { store } of this.#of(selection.consumer))
      count += await replayParked(store, selection, systemClock.now());
    return count;
  }

  /** Hands a consumer what the outboxes still have of a selection; gives how many events. */
  async replayOutbox(consumer: string, selection: OutboxSelection, isForced: boolean): Promise<number> {
    const [target] = this.#of(consumer);
    const row = (await target?.store.consumers.list())?.find(({ _id }) => _id === consumer);
    if (target === undefined || row === undefined) {
      const known = (await this.consumers()).map(({ _id }) => _id).join(', ');
      throw new EventsRefusal(`there is no consumer ${consumer}; there are: ${known === '' ? 'none yet' : known}`);
    }
    const aim = { consumer, isForced, now: systemClock.now() };
    let count = 0;
    for (const { db } of this.#databases) {
      count += await replayFromOutbox(db, target.store, { ...selection, aggregates: row.entities }, aim);
    }
    return count;
  }

  /** Forgets parked events for good; gives how many. */
  async drop(selection: ParkedSelection): Promise<number> {
    let count = 0;
    for (const { store } of this.#of(selection.consumer)) count += await store.parked.drop(selection);
    return count;
  }

  #of(consumer: string | undefined): readonly SubgraphDatabase[] {
    if (consumer === undefined) return this.#databases;
    return this.#databases.filter(({ subgraph }) => consumer.startsWith(`${subgraph}.`));
  }
}

/** Opens the desk, runs a task at it, and closes it. Throws StartError where no database answers. */
export async function withEventsDesk<R>(config: EventsConfig, task: (desk: EventsDesk) => Promise<R>): Promise<R> {
  const embedded = `mongodb://${config.CRM_MONGO_HOST}:${config.CRM_MONGO_PORT}`;
  const { databases, close } = await openSubgraphDatabases(config.MONGODB_URI ?? embedded, config.CRM_DATABASE_PREFIX);
  try {
    return await task(new EventsDesk(databases));
  } finally {
    await close();
  }
}
