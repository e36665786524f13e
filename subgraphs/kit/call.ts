// What one request to a subgraph carries: who asks, for which tenant, until when. Every loader and store call takes it.
import type { ClientSession } from 'mongoose';
import type { Outbox } from '../../sync/outbox/outbox.ts';

/** One request from the gateway, as the stores and loaders see it. */
export interface Call {
  readonly tenantId: string;
  /** Who acts: written into createdBy and updatedBy. */
  readonly actor: string;
  readonly requestId: string;
  /** Marks this request's commands on the wire to MongoDB, as their `comment`. */
  readonly callId: string;
  /** When the answer is of no more use, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** The moment the request came: the one time that all its changes carry. */
  readonly now: Date;
  /** The W3C trace context of the request, for the events of its changes. */
  readonly traceparent?: string | undefined;
  /** Aborts when nobody waits for the answer any more and ends the reads; a mutation has none: it goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** A call inside a transaction. */
export interface WriteCall extends Call {
  readonly session: ClientSession;
  /** Where the changes of the transaction are told of: see `emitEvents`. */
  readonly outbox: Outbox;
}

/** What resolvers get: the call and the loaders that were made for it. */
export interface SubgraphContext<Loaders> {
  readonly call: Call;
  readonly loaders: Loaders;
}
