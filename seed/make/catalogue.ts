// The product catalogue and the definitions of custom fields. Both are the same for every seed of a tenant: a shop has
// one catalogue, and skus are unique in it.
import { fold } from '../../subgraphs/kit/read/filter.ts';
import type { CustomFieldDefinitionDocument } from '../../subgraphs/customers/model.ts';
import type { ProductDocument } from '../../subgraphs/orders/model.ts';
import { CATEGORIES, QUALITIES, type Category } from '../words/wares.ts';
import { DEFAULT_SEED, idAt, makeWorld, sharedFields, type World } from './world.ts';

const CATALOGUE_MS = Date.UTC(2022, 0, 10);
const INACTIVE_EVERY = 23;

/** A category with its products, those that sell best first. */
export interface Shelf {
  readonly category: Category;
  readonly weight: number;
  readonly products: readonly ProductDocument[];
}

function charmPrice(amountMinor: number): number {
  return Math.max(99, Math.round(amountMinor / 50) * 50 - 1);
}

/** Takes a price in minor units of the euro, the currency's rate and the share of it; gives a price like shops have. */
export function priceIn(priceMinor: number, rate: number, share = 1): number {
  return charmPrice(priceMinor * rate * share);
}

function shelfOf(category: Category, from: number, world: World): Shelf {
  const products = QUALITIES.flatMap(({ word, factor }, quality) =>
    category.wares.map(({ noun, priceMinor }, ware): ProductDocument => {
      const place = quality * category.wares.length + ware;
      const number = from + place;
      const name = `${word} ${noun}`;
      return {
        _id: idAt(world, 'prd', number),
        ...sharedFields(world, CATALOGUE_MS),
        sku: `${category.code}-${String(place + 1).padStart(3, '0')}`,
        name,
        nameFolded: fold(name),
        priceMinor: priceIn(priceMinor, factor),
        currency: 'EUR',
        active: (number + 1) % INACTIVE_EVERY !== 0,
      };
    }),
  );
  return { category, weight: category.weight, products };
}

/** Takes a tenant's world; gives its shelves, 300 products in all. */
export function makeShelves({ tenantId, untilMs }: World): Shelf[] {
  const world = makeWorld(tenantId, DEFAULT_SEED, untilMs);
  let from = 0;
  return CATEGORIES.map((category) => {
    const shelf = shelfOf(category, from, world);
    from += shelf.products.length;
    return shelf;
  });
}

const DEFINITIONS: readonly Pick<CustomFieldDefinitionDocument, 'key' | 'label' | 'kind' | 'indexed'>[] = [
  { key: 'loyaltyTier', label: 'Loyalty tier', kind: 'TEXT', indexed: true },
  { key: 'birthday', label: 'Birthday', kind: 'DATE', indexed: false },
  { key: 'isWholesale', label: 'Wholesale customer', kind: 'BOOLEAN', indexed: true },
  { key: 'creditLimit', label: 'Credit limit', kind: 'NUMBER', indexed: false },
  { key: 'accountManager', label: 'Account manager', kind: 'TEXT', indexed: true },
];

/** Takes a tenant's world; gives the definitions of the custom fields that its customers have values of. */
export function makeDefinitions({ tenantId, untilMs }: World): CustomFieldDefinitionDocument[] {
  const world = makeWorld(tenantId, DEFAULT_SEED, untilMs);
  return DEFINITIONS.map((definition, number) => ({
    _id: idAt(world, 'cfd', number),
    ...sharedFields(world, CATALOGUE_MS),
    ...definition,
  }));
}
