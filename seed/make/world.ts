// What a seeded data set is made from, and the ids in it. An id depends on the tenant, the seed, the kind and the number
// of the entity alone: so every part of the data can name every other without looking it up.
import { TYPE_OF_PREFIX, type IdPrefix } from '../../contracts/entityId.ts';
import type { EntityDocument } from '../../subgraphs/kit/write/entityDocument.ts';
import type { ExternalRef } from '../../subgraphs/kit/read/readReference.ts';
import { Draw } from './draw.ts';

/** The seed when none is given: the ids in the examples are of this one. */
export const DEFAULT_SEED = 1;
/** The last day of the data when none is given; fixed, so that two runs on different days give the same documents. */
export const DEFAULT_UNTIL = '2026-11-20T00:00:00.000Z';
/** Who made the documents, in `createdBy` and the like. */
export const SEED_ACTOR = 'seed';
/** How many entities of one kind a customer can have: ids of a customer's entities are numbered with this stride. */
const PER_CUSTOMER_MAX = 256;

/** One data set: equal worlds give equal documents. */
export interface World {
  readonly tenantId: string;
  readonly seed: number;
  readonly untilMs: number;
  readonly keys: Readonly<Record<IdPrefix, number>>;
}

const PAIRS = Array.from({ length: 1_024 }, (_, bits) => {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  return alphabet.charAt(bits >> 5) + alphabet.charAt(bits & 31);
});

/** Mixes 32 bits (the last step of MurmurHash3). Injective: two numbers never give the same one. */
function mix(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hashText(text: string, start: number): number {
  let hash = start ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix(hash);
}

/** Takes the tenant, the seed (a whole number of 32 bits) and the last moment of the data; gives the world. */
export function makeWorld(tenantId: string, seed: number, untilMs: number): World {
  const start = mix(seed + 0x9e3779b9);
  const prefixes = Object.keys(TYPE_OF_PREFIX) as IdPrefix[];
  const keyOf = (prefix: IdPrefix): [IdPrefix, number] => [prefix, hashText(`${tenantId} ${prefix}`, start)];
  return { tenantId, seed, untilMs, keys: Object.fromEntries(prefixes.map(keyOf)) as Record<IdPrefix, number> };
}

function pairAt(bits: number): string {
  return PAIRS[bits & 1_023] ?? '';
}

/** Takes the kind and the number of an entity; gives its id: 26 characters after the prefix, no two alike of a kind. */
export function idAt({ keys }: World, prefix: IdPrefix, number: number): string {
  const first = mix(keys[prefix] ^ number);
  const second = mix(first + 1);
  const third = mix(second + 2);
  const fourth = mix(third + 3);
  return `${prefix}_${pairAt(first)}${pairAt(first >>> 10)}${pairAt(first >>> 20)}${pairAt(
    (first >>> 30) | ((second >>> 22) << 2),
  )}${pairAt(second)}${pairAt(second >>> 10)}${pairAt(third)}${pairAt(third >>> 10)}${pairAt(third >>> 20)}${pairAt(
    fourth,
  )}${pairAt(fourth >>> 10)}${pairAt(fourth >>> 20)}${pairAt(fourth ^ third)}`;
}

/** Takes the kind, a customer's number and the place among its entities, below PER_CUSTOMER_MAX; gives the id. */
export function idOfCustomers(world: World, prefix: IdPrefix, customer: number, place: number): string {
  if (place >= PER_CUSTOMER_MAX) throw new RangeError(`a customer has at most ${PER_CUSTOMER_MAX} of ${prefix}`);
  return idAt(world, prefix, customer * PER_CUSTOMER_MAX + place);
}

/** Gives the draws for one entity: a stream of its own by kind and number. */
export function drawFor({ keys }: World, prefix: IdPrefix, number: number): Draw {
  return new Draw(mix(mix(keys[prefix] + 0x51ed27) ^ number));
}

/** Takes the letter of a kind and a number; gives how the seeded source knows the entity. Unique also between seeds. */
export function externalRefAt({ seed }: World, letter: string, number: number): ExternalRef {
  const mark = seed === DEFAULT_SEED ? letter : `${letter}${seed.toString(36)}`;
  return { source: 'shop', id: `${mark}-${String(number + 1).padStart(6, '0')}` };
}

/** Gives the fields that all entities share. */
export function sharedFields(
  { tenantId }: World,
  createdMs: number,
  updatedMs = createdMs,
  version = 1,
): Omit<EntityDocument, '_id'> {
  const [createdAt, updatedAt] = [new Date(createdMs), new Date(updatedMs)];
  return { tenantId, version, createdAt, updatedAt, createdBy: SEED_ACTOR, updatedBy: SEED_ACTOR, deletedAt: null };
}
