// What a create, an upsert or a patch of a product means for the stored document. Pure.
import { checkText, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import { fold } from '../../kit/read/filter.ts';
import type { Decision, Item } from '../../kit/write/writeBatch.ts';
import { checkMoney, type MoneyInput } from './checkMoney.ts';
import type { ProductDocument } from '../model.ts';

interface ProductContent {
  readonly name?: string | null;
  readonly price?: MoneyInput | null;
  readonly active?: boolean | null;
}

/** A new or known product. */
export interface ProductInput extends ProductContent {
  readonly sku: string;
  readonly name: string;
  readonly price: MoneyInput;
  readonly version?: number | null;
}

/** What to change in a product. */
export interface ProductPatch extends ProductContent {
  readonly id: string;
  readonly version: number;
}

function checkContent({ name, price, active }: ProductContent): Fault {
  return firstFault(
    name === undefined ? undefined : checkText('name', name, 200),
    price === null ? 'price must not be empty.' : undefined,
    price == null ? undefined : checkMoney('price', price),
    active === null ? 'active must be true or false.' : undefined,
  );
}

function fieldsOf({ name, price, active }: ProductContent): Partial<ProductDocument> {
  return {
    ...(name != null && { name, nameFolded: fold(name) }),
    ...(price != null && { priceMinor: price.amountMinor, currency: price.currency }),
    ...(active != null && { active }),
  };
}

function patch(stored: ProductDocument, fields: Partial<ProductDocument>): Decision<ProductDocument> {
  if (stored.deletedAt !== null) return { do: 'refuse', code: 'CONFLICT', message: 'It is deleted: restore it first.' };
  return { do: 'patch', fields };
}

/** Takes an input and whether a known one is updated; gives the item. */
export function productItem(input: ProductInput, isUpsert: boolean): Item<ProductDocument> {
  const { sku, name, price } = input;
  return {
    key: sku,
    version: input.version,
    decide(stored): Decision<ProductDocument> {
      const fault = firstFault(checkText('sku', sku, 100), checkContent(input));
      if (fault !== undefined) return { do: 'refuse', code: 'INVALID', message: fault };
      if (stored === undefined) {
        const { amountMinor: priceMinor, currency } = price;
        const fields = { sku, name, nameFolded: fold(name), priceMinor, currency, active: input.active ?? true };
        return { do: 'insert', fields };
      }
      if (!isUpsert) return { do: 'refuse', code: 'CONFLICT', message: 'This sku is known.' };
      return patch(stored, fieldsOf(input));
    },
  };
}

/** Takes a patch; gives the item. */
export function productPatchItem(input: ProductPatch): Item<ProductDocument> {
  return {
    key: input.id,
    version: input.version,
    decide(stored): Decision<ProductDocument> {
      if (stored === undefined) return { do: 'refuse', code: 'NOT_FOUND', message: 'There is no such product.' };
      const fault = checkContent(input);
      return fault === undefined ? patch(stored, fieldsOf(input)) : { do: 'refuse', code: 'INVALID', message: fault };
    },
  };
}
