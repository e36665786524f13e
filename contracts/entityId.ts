// Which prefix an entity's id carries, and so which type `node(id:)` answers. The owner makes the id; it never changes.

/** Entity type by the prefix of its ids. */
export const TYPE_OF_PREFIX = {
  cus: 'Customer',
  com: 'Company',
  cfd: 'CustomFieldDefinition',
  dsr: 'DataSubjectRequest',
  mrg: 'MergeRecord',
  tml: 'TimelineEntry',
  ord: 'Order',
  prd: 'Product',
  pay: 'Payment',
  rfd: 'Refund',
  ful: 'Fulfilment',
  ret: 'Return',
  cmp: 'Campaign',
  seg: 'Segment',
  eng: 'Engagement',
  tpl: 'Template',
  sup: 'Suppression',
  cmm: 'CampaignMember',
  con: 'Consent',
  sgm: 'SegmentMembership',
} as const;

/** The prefix of an entity's ids. */
export type IdPrefix = keyof typeof TYPE_OF_PREFIX;

/** The name of an entity's type. */
export type EntityType = (typeof TYPE_OF_PREFIX)[IdPrefix];

const ID_SHAPE = /^[a-z]{3}_[0-9a-z]{6,40}$/;

/** Says whether `value` is an id of the given prefix; anything that is not such a string is refused, objects too. */
export function isIdOf(prefix: IdPrefix, value: unknown): value is string {
  return typeof value === 'string' && ID_SHAPE.test(value) && value.startsWith(`${prefix}_`);
}

/** Gives the prefix of a well-formed id of a known type, else undefined. */
export function prefixOf(value: unknown): IdPrefix | undefined {
  if (typeof value !== 'string' || !ID_SHAPE.test(value)) return undefined;
  const prefix = value.slice(0, 3);
  return prefix in TYPE_OF_PREFIX ? (prefix as IdPrefix) : undefined;
}
