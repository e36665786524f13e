// Every schema that the oracle runs over: those written by hand, then those made from a seed.
import type { FederatedSchema } from './federatedSchema.ts';
import { generateSchema } from './generateSchema.ts';
import { DISJOINT_TYPES, INTERFACE_OBJECT, INTERFACE_REQUIRES, INTERFACE_TREE, UNIONS } from './schemas/abstract.ts';
import { CONTEXTS, CONTEXTS_APART, OVERRIDES, RENAMED } from './schemas/directives.ts';
import { COMPOUND_KEYS, KEY_CHAIN, UNRESOLVABLE_FIRST } from './schemas/keys.ts';
import { REQUIRES_ARGUMENTS, REQUIRES_CHAIN, REQUIRES_CROSSED } from './schemas/requires.ts';
import { SHOP } from './schemas/shop.ts';
import { ALONE, INPUTS, NO_NULLS, PROVIDES, SHARED_VALUES, WRITES } from './schemas/values.ts';

const GENERATED_COUNT = 14;

const WRITTEN: readonly FederatedSchema[] = [
  SHOP,
  COMPOUND_KEYS,
  KEY_CHAIN,
  UNRESOLVABLE_FIRST,
  REQUIRES_ARGUMENTS,
  REQUIRES_CHAIN,
  REQUIRES_CROSSED,
  INTERFACE_OBJECT,
  INTERFACE_REQUIRES,
  INTERFACE_TREE,
  UNIONS,
  DISJOINT_TYPES,
  CONTEXTS,
  CONTEXTS_APART,
  OVERRIDES,
  RENAMED,
  ALONE,
  INPUTS,
  NO_NULLS,
  PROVIDES,
  SHARED_VALUES,
  WRITES,
];

/** Gives the schemas of a run, in order: always the same. */
export async function everySchema(): Promise<readonly FederatedSchema[]> {
  const seeds = Array.from({ length: GENERATED_COUNT }, (_, index) => index + 1);
  return [...WRITTEN, ...(await Promise.all(seeds.map(generateSchema)))];
}
