// What keeps a subgraph in step with the others, in its own process: the outbox that its mutations write, and where
// there is a broker, the relay that empties it and the followers of what the others tell. Opened before the subgraph, started when it can answer, stopped first.
import type { Connection } from 'mongoose';
import type { Config } from '../../../platform/config.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import type { MetricSources } from '../../../platform/metrics.ts';
import type { Broker } from '../../../sync/brokers/broker.ts';
import { ConsumerCounts } from '../../../sync/consume/consumerCounts.ts';
import { openBroker } from '../../../sync/brokers/openBroker.ts';
import { Outbox } from '../../../sync/outbox/outbox.ts';
import { openRelay } from '../../../sync/outbox/openRelay.ts';
import { PayloadKeys } from '../../../sync/payload/payloadKeys.ts';
import type { Follower } from '../follow/follower.ts';
import { runChores, type Chore } from '../follow/runChores.ts';
import { runFollowers, type RunningFollowers } from '../follow/runFollowers.ts';

/** How long a stop waits for what is being sent; what is not sent then waits in the outbox. */
const STOP_MS_MAX = 2_000;

/** What it is opened with. */
export interface SubgraphSyncOptions {
  /** The subgraph's name. */
  readonly name: string;
  readonly config: Pick<Config, 'CRM_BROKER_URL' | 'CRM_DATABASE_PREFIX' | 'CRM_EVENTS_RELAYED'>;
  readonly connection: Connection;
  readonly log: Log;
}

/** The sync side of one subgraph. */
export class SubgraphSync {
  readonly keys: PayloadKeys;
  readonly outbox: Outbox;
  readonly #options: SubgraphSyncOptions;
  #broker: Broker | undefined;
  #relay: ReturnType<typeof openRelay> | undefined;
  readonly #counts = new ConsumerCounts();
  #followers: RunningFollowers | undefined;
  #stopChores = (): Promise<void> => Promise.resolve();

  constructor(options: SubgraphSyncOptions) {
    const { name, config, connection } = options;
    const { CRM_BROKER_URL: brokerUrl, CRM_DATABASE_PREFIX: prefix } = config;
    const isSending = brokerUrl !== undefined && config.CRM_EVENTS_RELAYED;
    this.#options = options;
    this.keys = new PayloadKeys({ connection, prefix, clock: systemClock });
    this.outbox = new Outbox({ connection, subgraph: name, keys: this.keys, isSending });
  }

  /** The collections whose indexes are made before the subgraph is ready. */
  get models() {
    return [this.outbox.rows];
  }

  /** The metrics of what runs; nothing without a broker. */
  metrics(): MetricSources {
    if (this.#broker === undefined) return {};
    return { ...this.#relay?.counts.sources(() => systemClock.now()), ...this.#counts.sources() };
  }

  /** Says whether no follower stands still because of its database or because too much is parked. */
  isWell(): boolean {
    return this.#followers?.isWell() ?? true;
  }

  /** Connects to the broker, if there is one, begins to send and to follow. Throws StartError for a faulty address. */
  async start(followers: readonly Follower[], chores: readonly Chore[]): Promise<void> {
    const { name, config, connection, log } = this.#options;
    const { CRM_BROKER_URL: brokerUrl } = config;
    if (brokerUrl === undefined) return;
    this.#broker = await openBroker(brokerUrl, { name: `relay ${name}`, log, clock: systemClock });
    const { outbox } = this;
    if (outbox.isSending) {
      this.#relay = openRelay({ connection, outbox, broker: this.#broker, clock: systemClock, log });
      this.#relay.start();
    }
    this.#followers = await runFollowers(followers, {
      ...{ connection, outbox: this.outbox, prefix: config.CRM_DATABASE_PREFIX, broker: this.#broker },
      ...{ counts: this.#counts, clock: systemClock, log },
    });
    this.#stopChores = runChores(chores, { connection, outbox, clock: systemClock, log });
  }

  /** Ends what runs; what is not sent yet stays in the outbox. */
  async stop(): Promise<void> {
    const late = new Promise<void>((resolve) => systemClock.after(STOP_MS_MAX, resolve));
    await Promise.race([Promise.all([this.#relay?.stop(), this.#followers?.stop(), this.#stopChores()]), late]);
    await this.#broker?.close();
  }
}
