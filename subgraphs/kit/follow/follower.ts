// How a subgraph says what it keeps in step by events: a consumer whose effect writes as a mutation does, with a write
// call of the event's tenant, so that the code of mutations serves both.
import type { ClientSession } from 'mongoose';
import type { AggregateType, GraphEvent } from '../../../contracts/event.ts';
import { drawId } from '../../../platform/random.ts';
import type { Outbox } from '../../../sync/outbox/outbox.ts';
import type { ConsumedType, ConsumerDefinition } from '../../../sync/consume/definition.ts';
import type { WriteCall } from '../call.ts';

/** How long the reads of one batch may take. */
const BATCH_TIMEOUT_MS = 30_000;

/** A consumer of one subgraph. */
export interface Follower {
  /** `<subgraph>.<what it keeps>` */
  readonly name: string;
  /** Whose events it hears. */
  readonly entities: readonly AggregateType[];
  /** The types of events that it knows, by their full name. */
  readonly types: Readonly<Record<string, ConsumedType>>;
  /**
   * The effect of events of one tenant, in one transaction; it may run several times. Personal fields stand open in
   * `data.personal`, or null where the person is forgotten. Gives the ids of events that must come again, because their
   * effect is too large for one transaction.
   */
  apply(write: WriteCall, events: readonly GraphEvent[]): Promise<Iterable<string>>;
}

/** Takes a follower and its subgraph's outbox; gives the consumer. */
export function definitionOf(follower: Follower, outbox: Outbox): ConsumerDefinition<ClientSession> {
  const { name, entities, types } = follower;
  return {
    name,
    entities,
    types,
    apply({ session, tenantId, now }, events) {
      const callId = drawId();
      const write: WriteCall = {
        tenantId,
        actor: `events:${name}`,
        requestId: callId,
        callId,
        deadlineMs: now.getTime() + BATCH_TIMEOUT_MS,
        now,
        traceparent: events[0]?.traceparent,
        session,
        outbox,
      };
      return follower.apply(write, events);
    },
  };
}
