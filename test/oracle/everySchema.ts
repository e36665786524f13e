// Every schema that the oracle runs over: those written by hand, then those made from a seed.
import type { FederatedSchema } from './federatedSchema.ts';
import { SHOP } from './schemas/shop.ts';

/** The schemas of a run, in order. */
export const EVERY_SCHEMA: readonly FederatedSchema[] = [SHOP];
