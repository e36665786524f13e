// The kinds of fields and the shard keys that the models of all subgraphs are declared with.

/** A text that is always there. */
export const text = { type: String, required: true } as const;
/** A text or null. */
export const optionalText = { type: String, default: null } as const;
/** A number that is always there. */
export const whole = { type: Number, required: true } as const;
/** A moment that is always there. */
export const moment = { type: Date, required: true } as const;
/** A moment or null. */
export const optionalMoment = { type: Date, default: null } as const;
/** How another system knows the entity. */
export const externalRef = { source: text, id: text, _id: false };

/** For collections with a unique natural key: the key must begin with the shard key (docs/scaling.md). */
export const BY_TENANT = { tenantId: 1 } as const;
/** For the others. */
export const BY_TENANT_AND_ID = { tenantId: 1, _id: 'hashed' } as const;
