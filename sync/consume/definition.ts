// What a consumer is: which entities' events it hears, which types it knows and what each needs, and its effect. The
// shipped ones stand in the subgraphs' `follow/` folders; `consumer.ts` runs them.
import type { AggregateType, GraphEvent } from '../../contracts/event.ts';

/**
 * What a type of event needs to be applied:
 * - `newest`: it carries the entity's state; the newest version wins, an older one is left out.
 * - `each`: it is a fact of its own; every one is applied, in whatever order they come.
 * - `predecessor`: it is applied only after the version before it.
 */
export type Need = 'newest' | 'each' | 'predecessor';

/** A type of event that a consumer knows. */
export interface ConsumedType {
  readonly needs: Need;
  /** Gives what is wrong with the data, in words without any of its values; nothing where it is right. */
  check?(data: unknown): string | undefined;
}

/** What an effect writes with: everything of one batch is in one transaction. */
export interface EffectUnit<Session> {
  readonly session: Session;
  /** All events of one call are of this tenant. */
  readonly tenantId: string;
  readonly consumer: string;
  readonly now: Date;
}

/** A consumer. */
export interface ConsumerDefinition<Session> {
  /** `<subgraph>.<what it keeps>`: the group's name at the broker, and its name in `inbox` and `parked`. */
  readonly name: string;
  /** Whose events it hears. */
  readonly entities: readonly AggregateType[];
  /** The types it knows by their full name, as `crm.order.placed.v1`; others of these entities pass by. */
  readonly types: Readonly<Record<string, ConsumedType>>;
  /**
   * The effect of 1 to BATCH_MAX events of one tenant, in the order in which they are to be applied. It may run several
   * times, so it does nothing but through the session. Where it knows which events are at fault it throws EffectFault.
   * Gives the `id`s of events whose effect is too large for one transaction: what was done of it is committed, and they
   * come again at once, until they are not among these any more.
   */
  apply(unit: EffectUnit<Session>, events: readonly GraphEvent[]): Promise<Iterable<string>>;
}

/** The most events of one transaction. */
export const BATCH_MAX = 256;

/** That some events of a batch cannot be applied: the others are applied without them. */
export class EffectFault extends Error {
  override readonly name = 'EffectFault';
  /** The `id`s of the events. */
  readonly ids: ReadonlySet<string>;

  constructor(ids: Iterable<string>, message: string) {
    super(message);
    this.ids = new Set(ids);
  }
}
