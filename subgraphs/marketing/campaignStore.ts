// The reads of what a marketer works on: campaigns, segments, templates and who belongs to them. Each names its index.
import type { Call } from '../kit/call.ts';
import { asksFor, enumField, fold, readFilter, textField } from '../kit/read/filter.ts';
import type { Ordering, PageRequest } from '../kit/read/page.ts';
import {
  countRows,
  countRowsPerParent,
  readByKeys,
  readRows,
  readRowsPerParent,
  unlessDeleted,
  type Selection,
} from '../kit/read/readPages.ts';
import type {
  CampaignDocument,
  CampaignMemberDocument,
  SegmentDocument,
  SegmentMembershipDocument,
  TemplateDocument,
} from './documents.ts';
import type { MarketingModels } from './model.ts';

/** Newest first: the order of segments and templates, and of campaigns unless another is asked for. */
export const NEWEST_FIRST: Ordering = {
  name: 'c-',
  field: 'createdAt',
  direction: -1,
  kind: 'date',
  index: 'byCreatedAt',
};

/** The orders that campaigns can be listed in. */
export const CAMPAIGN_ORDERINGS = {
  CREATED_AT_DESC: NEWEST_FIRST,
  NAME_ASC: { name: 'n+', field: 'nameFolded', direction: 1, kind: 'text', index: 'byName' },
} as const satisfies Record<string, Ordering>;

/** The order of a campaign's members. */
export const MEMBERS_ORDERING: Ordering = {
  name: 'a-',
  field: 'addedAt',
  direction: -1,
  kind: 'date',
  index: 'byCampaign',
};

/** The order of a segment's members, and of a customer's segments. */
export const MEMBERSHIPS_ORDERING: Ordering = {
  name: 's-',
  field: 'since',
  direction: -1,
  kind: 'date',
  index: 'bySegment',
};

const CAMPAIGN_FIELDS = {
  name: textField('nameFolded', fold),
  status: enumField('status'),
  channel: enumField('channel'),
};

/** What a client lists: a filter as it came in, and whether deleted ones are wanted. */
export interface Listing {
  readonly filter?: object | null;
  readonly includeDeleted?: boolean | null;
}

function selectCampaigns({ filter, includeDeleted }: Listing, ordering: Ordering): Selection {
  const conditions = [...unlessDeleted(includeDeleted), readFilter(filter, CAMPAIGN_FIELDS)];
  const index = asksFor(filter, 'name') ? 'byName' : ordering.index;
  if (index !== 'byCreatedAt') return { conditions, index };
  if (asksFor(filter, 'status')) return { conditions, index: 'byStatus' };
  return { conditions, index: asksFor(filter, 'channel') ? 'byChannel' : index };
}

/** The reads of campaigns, segments and templates. Every method costs one database query. */
export class CampaignStore {
  readonly #models: MarketingModels;

  constructor(models: MarketingModels) {
    this.#models = models;
  }

  /** Gives campaigns by their ids. */
  findCampaigns(call: Call, keys: readonly string[]): Promise<CampaignDocument[]> {
    return readByKeys(this.#models.campaigns, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives a page of campaigns. */
  listCampaigns(call: Call, listing: Listing, page: PageRequest): Promise<CampaignDocument[]> {
    return readRows(this.#models.campaigns, call, selectCampaigns(listing, page.ordering), page);
  }

  /** Counts the campaigns of a listing. */
  countCampaigns(call: Call, listing: Listing): Promise<number> {
    return countRows(this.#models.campaigns, call, selectCampaigns(listing, NEWEST_FIRST));
  }

  /** Gives segments by their ids. */
  findSegments(call: Call, keys: readonly string[]): Promise<SegmentDocument[]> {
    return readByKeys(this.#models.segments, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives a page of segments. */
  listSegments(call: Call, { includeDeleted }: Listing, page: PageRequest): Promise<SegmentDocument[]> {
    const selection = { conditions: unlessDeleted(includeDeleted), index: page.ordering.index };
    return readRows(this.#models.segments, call, selection, page);
  }

  /** Counts the segments of a listing. */
  countSegments(call: Call, { includeDeleted }: Listing): Promise<number> {
    const selection = { conditions: unlessDeleted(includeDeleted), index: NEWEST_FIRST.index };
    return countRows(this.#models.segments, call, selection);
  }

  /** Gives templates by their ids. */
  findTemplates(call: Call, keys: readonly string[]): Promise<TemplateDocument[]> {
    return readByKeys(this.#models.templates, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives a page of templates. */
  listTemplates(call: Call, { includeDeleted }: Listing, page: PageRequest): Promise<TemplateDocument[]> {
    const selection = { conditions: unlessDeleted(includeDeleted), index: page.ordering.index };
    return readRows(this.#models.templates, call, selection, page);
  }

  /** Counts the templates of a listing. */
  countTemplates(call: Call, { includeDeleted }: Listing): Promise<number> {
    const selection = { conditions: unlessDeleted(includeDeleted), index: NEWEST_FIRST.index };
    return countRows(this.#models.templates, call, selection);
  }

  /** Gives campaign members by their ids. */
  findMembers(call: Call, keys: readonly string[]): Promise<CampaignMemberDocument[]> {
    return readByKeys(this.#models.campaignMembers, call, { field: '_id', keys, index: '_id_' });
  }

  /** Gives a page of the members of each campaign. */
  listMembers(
    call: Call,
    parentIds: readonly string[],
    page: PageRequest,
  ): Promise<Map<string, CampaignMemberDocument[]>> {
    const by = { parentField: 'campaignId', conditions: [], index: 'byCampaign' };
    return readRowsPerParent(this.#models.campaignMembers, call, { ...by, parentIds, page });
  }

  /** Counts the members of each campaign. */
  countMembers(call: Call, parentIds: readonly string[]): Promise<Map<string, number>> {
    const by = { parentField: 'campaignId', conditions: [], index: 'byCampaign' };
    return countRowsPerParent(this.#models.campaignMembers, call, { ...by, parentIds });
  }

  /** Gives a page of the members of each segment. */
  listSegmentMembers(
    call: Call,
    parentIds: readonly string[],
    page: PageRequest,
  ): Promise<Map<string, SegmentMembershipDocument[]>> {
    const by = { parentField: 'segmentId', conditions: [], index: 'bySegment' };
    return readRowsPerParent(this.#models.segmentMemberships, call, { ...by, parentIds, page });
  }

  /** Counts the members of each segment. */
  countSegmentMembers(call: Call, parentIds: readonly string[]): Promise<Map<string, number>> {
    const by = { parentField: 'segmentId', conditions: [], index: 'bySegment' };
    return countRowsPerParent(this.#models.segmentMemberships, call, { ...by, parentIds });
  }

  /** Gives the newest memberships of each customer. */
  listMemberships(
    call: Call,
    parentIds: readonly string[],
    page: PageRequest,
  ): Promise<Map<string, SegmentMembershipDocument[]>> {
    const by = { parentField: 'customerId', conditions: [], index: 'byCustomer' };
    return readRowsPerParent(this.#models.segmentMemberships, call, { ...by, parentIds, page });
  }
}
