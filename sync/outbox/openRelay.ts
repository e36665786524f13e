// From a subgraph's connection and its broker to the relay of its outbox, on MongoDB.
import type { Connection } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { drawId } from '../../platform/random.ts';
import type { Broker } from '../brokers/broker.ts';
import { Leases, type HeldLease } from '../lease/lease.ts';
import { openMongoRelayStore } from './mongoRelayStore.ts';
import type { Outbox } from './outbox.ts';
import { Relay } from './relay.ts';

/** The lease of the one process that sends; it stands in `relay_leases`. */
const LEASE = 'relay';
/** How long a relay may be silent before another takes its place. */
const LEASE_TTL_MS = 3_000;

/** What a relay is opened with. */
export interface RelayPlace {
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes where the outbox is and where it is sent to; gives the relay, not started yet. */
export function openRelay({ connection, outbox, broker, clock, log }: RelayPlace): Relay<HeldLease> {
  const holder = `${outbox.subgraph}-${drawId()}`;
  const leases = new Leases({ connection, collection: 'relay_leases', holder, ttlMs: LEASE_TTL_MS, clock });
  const store = openMongoRelayStore(connection, outbox.rows, clock);
  return new Relay({ outbox, store, broker, takeLease: () => leases.take(LEASE), clock, log });
}
