// What a mutation says of one change, before the outbox makes a row of it: the interface between the subgraphs, which
// know their entities, and the outbox, which knows how events are kept and sealed.
import type { AggregateType } from '../../contracts/event.ts';

/** Personal fields of an event: they are sealed with the key of this customer, so that they can be forgotten. */
export interface PersonalFields {
  readonly customerId: string;
  /** Plain JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether the customer's id was drawn just now: there can be no key of it yet, and none is looked for. */
  readonly isNew?: boolean;
}

/** One change of one entity, as its mutation tells it. */
export interface NewEvent {
  /** `crm.<entity>.<what happened>.v<schema version>` */
  readonly type: string;
  readonly aggregate: AggregateType;
  /** The entity's id. */
  readonly id: string;
  /** The entity's version after the change; 1 for what is never changed. */
  readonly version: number;
  /** The entities whose cached data the change makes old, itself among them: `entityKey(type, id)`. */
  readonly keys: readonly string[];
  /** The state after the change, without personal and internal fields. Plain JSON, moments as RFC 3339. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What of the state is personal; in the event's data it stands as `personal: { customerId, sealed }`. */
  readonly personal?: PersonalFields | undefined;
}
