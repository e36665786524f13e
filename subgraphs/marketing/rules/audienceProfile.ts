// What segments know of a customer, worked out from orders, consents and suppressions. Pure: the commands keep profiles
// in step with it inside their transactions, and the seed makes consistent documents with it.
import type { AudienceProfileDocument, Channel, ConsentDocument, SuppressionDocument } from '../documents.ts';

/** Gives the key of what there is once for each customer or order of a tenant. */
export function keyInTenant(tenantId: string, id: string): string {
  return `${tenantId}:${id}`;
}

type Statement = Pick<ConsentDocument, 'channel' | 'state' | 'capturedAt'>;

/** Says whether a statement takes the place of the one that holds: it must be newer; between equal times the later wins. */
export function takesPlaceOf(next: Statement, current: Statement | undefined): boolean {
  return current === undefined || next.capturedAt.getTime() >= current.capturedAt.getTime();
}

/** Takes statements in the order they were recorded; gives the one of each channel that holds. */
export function currentConsents<S extends Statement>(statements: readonly S[]): Map<Channel, S> {
  const current = new Map<Channel, S>();
  for (const statement of statements) {
    if (takesPlaceOf(statement, current.get(statement.channel))) current.set(statement.channel, statement);
  }
  return current;
}

/** Takes what holds and what is suppressed; gives the channels that may be written to, in alphabetical order. */
export function consentedChannels(
  current: Iterable<Pick<ConsentDocument, 'channel' | 'state'>>,
  suppressions: Iterable<Pick<SuppressionDocument, 'channel'>>,
): Channel[] {
  const suppressed = new Set(Array.from(suppressions, ({ channel }) => channel));
  const granted = Array.from(current).filter(({ channel, state }) => state === 'GRANTED' && !suppressed.has(channel));
  return [...new Set(granted.map(({ channel }) => channel))].sort();
}

/** What of a customer's orders a profile is made from; amounts in minor units of `currency`. */
export interface OrderFigures {
  readonly orderCount: number;
  readonly lifetimeValueMinor: number;
  readonly currency: string | null;
  readonly lastOrderAt: Date | null;
}

/** The figures of a customer without orders. */
export const NO_ORDERS: OrderFigures = { orderCount: 0, lifetimeValueMinor: 0, currency: null, lastOrderAt: null };

/** What a profile is made from. */
export interface ProfileParts {
  readonly tenantId: string;
  readonly customerId: string;
  readonly orders: OrderFigures;
  /** All statements of the customer, in the order they were recorded. */
  readonly consents: readonly Statement[];
  readonly suppressions: readonly Pick<SuppressionDocument, 'channel'>[];
  readonly updatedAt: Date;
}

/** Takes what is known of a customer; gives the profile. */
export function makeProfile(parts: ProfileParts): AudienceProfileDocument {
  const { tenantId, customerId, orders, consents, suppressions, updatedAt } = parts;
  return {
    _id: keyInTenant(tenantId, customerId),
    tenantId,
    customerId,
    ...orders,
    consentedChannels: consentedChannels(currentConsents(consents).values(), suppressions),
    updatedAt,
  };
}

/** Takes the figures of a customer and of its duplicate; gives those of both. Other currencies are not added up. */
export function addFigures(keeper: OrderFigures, loser: OrderFigures): OrderFigures {
  if (keeper.orderCount === 0) return loser;
  const isSameCurrency = keeper.currency === loser.currency;
  const moments = [keeper.lastOrderAt, loser.lastOrderAt].filter((moment) => moment !== null);
  const newestMs = Math.max(...moments.map((moment) => moment.getTime()));
  return {
    orderCount: keeper.orderCount + loser.orderCount,
    lifetimeValueMinor: keeper.lifetimeValueMinor + (isSameCurrency ? loser.lifetimeValueMinor : 0),
    currency: keeper.currency,
    lastOrderAt: moments.length === 0 ? null : new Date(newestMs),
  };
}
