// The documents of marketing as plain types, and the words that stand in them. Pure: the seed and the rules use it too.
import type { EntityDocument } from '../kit/write/entityDocument.ts';
import type { ExternalRef } from '../kit/read/readReference.ts';

/** How a customer can be reached. */
export type Channel = 'EMAIL' | 'SMS' | 'PUSH' | 'WEB';

/** Where a campaign stands in its life. */
export type CampaignStatus = 'DRAFT' | 'SCHEDULED' | 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'CANCELLED';

/** How many messages of a campaign were sent, and what came of them. */
export interface CampaignStats {
  readonly sent: number;
  readonly opened: number;
  readonly clicked: number;
  readonly unsubscribed: number;
}

/** A campaign; `stats` changes with each batch of engagements and leaves `version` alone. */
export interface CampaignDocument extends EntityDocument {
  readonly externalRef: ExternalRef;
  readonly externalKey: string;
  readonly name: string;
  readonly nameFolded: string;
  readonly channel: Channel;
  readonly status: CampaignStatus;
  readonly segmentId: string | null;
  readonly templateId: string | null;
  readonly scheduledAt: Date | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly stats: CampaignStats;
}

/** That a campaign goes to a customer. */
export interface CampaignMemberDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly campaignId: string;
  readonly customerId: string;
  readonly addedAt: Date;
  readonly addedBy: string;
}

/** A segment's rule as it is kept: checked, its times as text, its parts in a fixed order; all parts must hold. */
export interface StoredRule {
  readonly lifetimeValueMinorGte?: number;
  readonly orderCountGte?: number;
  readonly lastOrderBefore?: string;
  readonly lastOrderSince?: string;
  readonly consent?: Channel;
  readonly and?: readonly StoredRule[];
  readonly or?: readonly StoredRule[];
  readonly not?: StoredRule;
}

/** A segment: a rule and how many customers it had when it was last worked out. */
export interface SegmentDocument extends EntityDocument {
  readonly externalRef: ExternalRef;
  readonly externalKey: string;
  readonly name: string;
  readonly rule: StoredRule;
  readonly memberCount: number;
  readonly refreshedAt: Date | null;
}

/** That a customer belongs to a segment. */
export interface SegmentMembershipDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly segmentId: string;
  readonly customerId: string;
  readonly since: Date;
}

/** The text that a campaign sends. */
export interface TemplateDocument extends EntityDocument {
  readonly externalRef: ExternalRef;
  readonly externalKey: string;
  readonly name: string;
  readonly channel: Channel;
  readonly subject: string | null;
  readonly body: string;
}

/** A customer's statement about a channel. `current` marks the newest of the channel; nothing else ever changes. */
export interface ConsentDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly channel: Channel;
  readonly state: 'GRANTED' | 'WITHDRAWN';
  readonly capturedAt: Date;
  readonly source: string;
  readonly current: boolean;
  readonly recordedAt: Date;
  readonly recordedBy: string;
}

/** That nothing may be sent to a customer over a channel. */
export interface SuppressionDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly channel: Channel;
  readonly reason: 'UNSUBSCRIBED' | 'BOUNCED' | 'COMPLAINT' | 'MANUAL' | 'ERASED';
  readonly since: Date;
  readonly addedBy: string;
  /** How often its reason was set; absent in old ones: once. */
  readonly version?: number;
}

/** What came of a message. `action` is an action of the channel; of a WEB engagement it is the page's path. */
export interface EngagementDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly uniqueId: string;
  readonly customerId: string;
  readonly campaignId: string | null;
  readonly channel: Channel;
  readonly occurredAt: Date;
  readonly action: string;
}

/** Which campaign an order is credited to; `_id` is `<tenantId>:<orderId>`. */
export interface AttributionDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly orderId: string;
  readonly campaignId: string;
  readonly model: 'FIRST_TOUCH' | 'LAST_TOUCH' | 'LINEAR';
  readonly touchedAt: Date;
  /** How often the order was credited; absent in old ones: once. */
  readonly version?: number;
}

/** What marketing knows of an order, from the orders' events; `_id` is `<tenantId>:<orderId>`. */
export interface OrderFigureDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly currency: string;
  /** Its total less refunds. */
  readonly amountMinor: number;
  readonly placedAt: Date;
  /** When the order came to be known; not the day that it was placed on. */
  readonly createdAt: Date;
  /** Neither cancelled nor deleted. */
  readonly isCounted: boolean;
}

/** What somebody stated that a customer ordered in all, by orders that came to be known until `at`. */
export interface StatedFigures {
  readonly orderCount: number;
  readonly lifetimeValueMinor: number;
  readonly currency: string | null;
  readonly lastOrderAt: Date | null;
  readonly at: Date;
  /** Who stated it: then it holds whatever orders say (drift.json); absent: it stood there before events came. */
  readonly by?: string;
}

/** What segments know of a customer; `_id` is `<tenantId>:<customerId>`. Kept small: a rule may read all of them. */
export interface AudienceProfileDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly orderCount: number;
  readonly lifetimeValueMinor: number;
  /** Null until an order is known. */
  readonly currency: string | null;
  readonly lastOrderAt: Date | null;
  /** The channels that the customer agreed to and is not suppressed on, in alphabetical order. */
  readonly consentedChannels: readonly Channel[];
  readonly updatedAt: Date;
  /** On what the figures of later orders are added; absent: all figures are from the orders' events. */
  readonly stated?: StatedFigures | null;
  /** How often the figures of orders were set, or those of a duplicate came to them; absent: never. */
  readonly version?: number;
  /** Since when the customer is forgotten: figures, segments and statements leave it alone from then on. */
  readonly forgottenAt?: Date | null;
}
