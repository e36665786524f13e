// The reads of what is known about customers: consents, suppressions, engagements, attributions and whom a rule selects.
import type { Call } from '../kit/call.ts';
import { boundedAggregation, bounded } from '../kit/read/mongo.ts';
import { inList } from '../kit/read/operators.ts';
import type { Ordering, PageRequest } from '../kit/read/page.ts';
import { readByKeys, readRowsPerParent } from '../kit/read/readPages.ts';
import { keyInTenant } from './rules/audienceProfile.ts';
import type {
  AttributionDocument,
  Channel,
  ConsentDocument,
  EngagementDocument,
  StoredRule,
  SuppressionDocument,
} from './documents.ts';
import type { MarketingModels } from './model.ts';
import { selectAudience } from './rules/segmentRule.ts';

const CHANNELS_MAX = 4;
/** Previews count up to here: a larger number is answered as this one. */
const PREVIEW_COUNT_MAX = 100_000;

/** The order of a customer's statements. */
export const CONSENTS_ORDERING: Ordering = {
  name: 'c-',
  field: 'capturedAt',
  direction: -1,
  kind: 'date',
  index: 'byCustomer',
};

/** The order of a customer's engagements. */
export const ENGAGEMENTS_ORDERING: Ordering = {
  name: 'e-',
  field: 'occurredAt',
  direction: -1,
  kind: 'date',
  index: 'byCustomer',
};

/** How many customers a rule selects, at most 100,000, and the ids of some of them. */
export interface AudiencePreview {
  readonly count: number;
  readonly sample: readonly string[];
}

/** The reads of what is known about customers. Every method costs one database query. */
export class AudienceStore {
  readonly #models: MarketingModels;

  constructor(models: MarketingModels) {
    this.#models = models;
  }

  /** Gives the statements of customers that hold now. */
  async findCurrentConsents(call: Call, customerIds: readonly string[]): Promise<ConsentDocument[]> {
    const filter = { tenantId: call.tenantId, customerId: inList(customerIds), current: true };
    const limit = customerIds.length * CHANNELS_MAX;
    return this.#models.consents.find(filter, undefined, bounded(call, 'current', limit)).lean();
  }

  /** Gives consents by their ids. */
  findConsents(call: Call, keys: readonly string[]): Promise<ConsentDocument[]> {
    return readByKeys(this.#models.consents, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives the newest statements of each customer. */
  listConsents(call: Call, parentIds: readonly string[], page: PageRequest): Promise<Map<string, ConsentDocument[]>> {
    const by = { parentField: 'customerId', conditions: [], index: 'byCustomer' };
    return readRowsPerParent(this.#models.consents, call, { ...by, parentIds, page });
  }

  /** Gives the suppressions of customers. */
  findSuppressionsOf(call: Call, customerIds: readonly string[]): Promise<SuppressionDocument[]> {
    const limit = customerIds.length * CHANNELS_MAX;
    return readByKeys(this.#models.suppressions, call, {
      field: 'customerId',
      keys: customerIds,
      index: 'naturalKey',
      limit,
    });
  }

  /** Gives suppressions by their ids. */
  findSuppressions(call: Call, keys: readonly string[]): Promise<SuppressionDocument[]> {
    return readByKeys(this.#models.suppressions, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives engagements by their ids. */
  findEngagements(call: Call, keys: readonly string[]): Promise<EngagementDocument[]> {
    return readByKeys(this.#models.engagements, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives the newest engagements of each customer, of one channel or of all. */
  listEngagements(
    call: Call,
    parentIds: readonly string[],
    { page, channel }: { page: PageRequest; channel: Channel | null },
  ): Promise<Map<string, EngagementDocument[]>> {
    const by =
      channel === null
        ? { conditions: [], index: 'byCustomer' }
        : { conditions: [{ channel }], index: 'byCustomerChannel' };
    return readRowsPerParent(this.#models.engagements, call, { parentField: 'customerId', ...by, parentIds, page });
  }

  /** Gives the attributions of orders. */
  findAttributions(call: Call, orderIds: readonly string[]): Promise<AttributionDocument[]> {
    const keys = orderIds.map((orderId) => keyInTenant(call.tenantId, orderId));
    return readByKeys(this.#models.attributions, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives how many customers a rule selects, and the first of them as the index has them. */
  async previewRule(call: Call, rule: StoredRule, sampleSize: number): Promise<AudiencePreview> {
    const { conditions, index } = selectAudience(rule);
    const [found] = await this.#models.audienceProfiles.aggregate<AudiencePreview>(
      [
        { $match: { $and: [{ tenantId: call.tenantId }, ...conditions] } },
        { $limit: PREVIEW_COUNT_MAX },
        {
          $group: {
            _id: null,
            count: { $sum: 1 },
            sample: { $firstN: { n: sampleSize, input: '$customerId' } },
          },
        },
      ],
      boundedAggregation(call, index),
    );
    return found ?? { count: 0, sample: [] };
  }
}
