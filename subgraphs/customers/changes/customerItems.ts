// What a customer's input and patch may hold, and the fields they become. Pure.
import { isIdOf } from '../../../contracts/entityId.ts';
import {
  checkCountry,
  checkEmail,
  checkOptionalText,
  checkText,
  firstFault,
  type Fault,
} from '../../kit/write/checkInput.ts';
import { fold } from '../../kit/read/filter.ts';
import {
  naturalPatchItem,
  type NaturalInput,
  type NaturalKind,
  type PatchInput,
} from '../../kit/write/naturalItems.ts';
import type { Item } from '../../kit/write/writeBatch.ts';
import type { Address, CustomerDocument, CustomFieldEntry } from '../model.ts';
import type { Known } from './readReferences.ts';

const CUSTOM_FIELDS_MAX = 50;

interface CustomFieldInput {
  readonly key: string;
  readonly text?: string | null;
  readonly number?: number | null;
  readonly boolean?: boolean | null;
  readonly date?: Date | null;
}

interface AddressInput {
  readonly line1?: string | null;
  readonly city?: string | null;
  readonly postalCode?: string | null;
  readonly countryCode: string;
}

interface CustomerContent {
  readonly displayName?: string | null;
  readonly email?: string | null;
  readonly phone?: string | null;
  readonly defaultAddress?: AddressInput | null;
  readonly companyId?: string | null;
  readonly customFields?: readonly CustomFieldInput[] | null;
}

/** A new or known customer. */
export interface CustomerInput extends CustomerContent, NaturalInput {
  readonly displayName: string;
}

/** What to change in a customer. */
export interface CustomerPatch extends CustomerContent, PatchInput {}

function checkAddress(address: AddressInput | null | undefined): Fault {
  if (address == null) return undefined;
  return firstFault(
    checkCountry(address.countryCode),
    checkOptionalText('line1', address.line1, 200),
    checkOptionalText('city', address.city, 100),
    checkOptionalText('postalCode', address.postalCode, 20),
  );
}

function entryOf({ key, text, number, boolean, date }: CustomFieldInput, known: Known): CustomFieldEntry | undefined {
  const kind = known.definitions.get(key)?.kind;
  const given = { TEXT: text, NUMBER: number, BOOLEAN: boolean, DATE: date };
  const value = kind === undefined ? undefined : given[kind];
  const givenCount = Object.values(given).filter((each) => each != null).length;
  return value == null || givenCount !== 1 || (typeof value === 'string' && value.length > 1_000)
    ? undefined
    : { key, value };
}

function checkCustomFields(input: readonly CustomFieldInput[] | null | undefined, known: Known): Fault {
  if (input == null) return undefined;
  if (input.length > CUSTOM_FIELDS_MAX) return `A customer has at most ${CUSTOM_FIELDS_MAX} custom fields.`;
  if (new Set(input.map(({ key }) => key)).size < input.length) return 'A custom field stands there twice.';
  const wrong = input.some((field) => entryOf(field, known) === undefined);
  return wrong ? 'A custom field has no definition, or not one value of its kind.' : undefined;
}

function checkContent(content: CustomerContent, known: Known): Fault {
  const { companyId } = content;
  return firstFault(
    content.displayName === undefined ? undefined : checkText('displayName', content.displayName, 200),
    checkEmail(content.email),
    checkOptionalText('phone', content.phone, 40),
    checkAddress(content.defaultAddress),
    companyId == null || known.companyIds.has(companyId) ? undefined : 'There is no such company.',
    checkCustomFields(content.customFields, known),
  );
}

function addressOf(address: AddressInput | null): Address | null {
  if (address === null) return null;
  const { line1 = null, city = null, postalCode = null, countryCode } = address;
  return { line1, city, postalCode, countryCode };
}

/** Gives the stored fields of what is given; what is absent stays out. */
function fieldsOf(content: CustomerContent, known: Known): Partial<CustomerDocument> {
  const { displayName, email, phone, defaultAddress, companyId, customFields } = content;
  return {
    ...(displayName != null && { displayName, nameFolded: fold(displayName) }),
    ...(email !== undefined && { email, emailFolded: email === null ? null : fold(email) }),
    ...(phone !== undefined && { phone }),
    ...(defaultAddress !== undefined && { defaultAddress: addressOf(defaultAddress) }),
    ...(companyId !== undefined && { companyId }),
    ...(customFields !== undefined && {
      customFields: (customFields ?? []).flatMap((field) => entryOf(field, known) ?? []),
    }),
  };
}

const NOBODY: ReadonlySet<object> = new Set();

/** Takes what a batch may refer to and which inputs name somebody who was forgotten; gives what is particular to customers. */
export function customerKind(
  known: Known,
  forgotten: ReadonlySet<object> = NOBODY,
): NaturalKind<CustomerDocument, CustomerContent, CustomerInput> {
  return {
    check: (content, stored) =>
      stored === undefined && forgotten.has(content)
        ? 'This person was forgotten on request, and is not to come back.'
        : checkContent(content, known),
    fieldsOf: (content) => fieldsOf(content, known),
    first: (input, { externalRef, externalKey }, newId) => ({
      email: null,
      emailFolded: null,
      phone: null,
      defaultAddress: null,
      companyId: null,
      customFields: [],
      ...fieldsOf(input, known),
      displayName: input.displayName,
      nameFolded: fold(input.displayName),
      externalRef,
      lookupKeys: [newId, externalKey],
      mergedInto: null,
    }),
  };
}

/** Takes a patch and what it may refer to; gives the item. */
export function customerPatchItem(input: CustomerPatch, known: Known): Item<CustomerDocument> {
  const item = naturalPatchItem(customerKind(known), input);
  // By the id alone: a merged duplicate has an inner name, under which nobody may bring it back.
  return { ...item, key: isIdOf('cus', input.id) ? input.id : undefined };
}
