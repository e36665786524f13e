// What a create, an upsert or a patch of a company means for the stored document. Pure.
import { checkExternalRef, checkOptionalText, checkText, firstFault, type Fault } from '../../kit/write/checkInput.ts';
import { fold } from '../../kit/read/filter.ts';
import { externalKeyOf } from '../../kit/read/readReference.ts';
import type { Decision, Item } from '../../kit/write/writeBatch.ts';
import type { CompanyDocument } from '../model.ts';

interface CompanyContent {
  readonly name?: string | null;
  readonly domain?: string | null;
  readonly industry?: string | null;
}

/** A new or known company. */
export interface CompanyInput extends CompanyContent {
  readonly source?: string | null;
  readonly externalId?: string | null;
  readonly name: string;
  readonly version?: number | null;
}

/** What to change in a company. */
export interface CompanyPatch extends CompanyContent {
  readonly id: string;
  readonly version: number;
}

function checkContent({ name, domain, industry }: CompanyContent): Fault {
  return firstFault(
    name === undefined ? undefined : checkText('name', name, 200),
    checkOptionalText('domain', domain, 253),
    checkOptionalText('industry', industry, 100),
  );
}

function fieldsOf({ name, domain, industry }: CompanyContent): Partial<CompanyDocument> {
  return {
    ...(name != null && { name, nameFolded: fold(name) }),
    ...(domain !== undefined && { domain }),
    ...(industry !== undefined && { industry }),
  };
}

function patch(stored: CompanyDocument, fields: Partial<CompanyDocument>): Decision<CompanyDocument> {
  if (stored.deletedAt !== null) return { do: 'refuse', code: 'CONFLICT', message: 'It is deleted: restore it first.' };
  return { do: 'patch', fields };
}

/** Takes an input, its place in the batch and whether a known one is updated; gives the item. */
export function companyItem(
  input: CompanyInput,
  { at, isUpsert }: { at: number; isUpsert: boolean },
): Item<CompanyDocument> {
  const { source, externalId, name } = input;
  const key = source == null || externalId == null ? `new:${at}` : externalKeyOf({ source, id: externalId });
  return {
    key,
    version: input.version,
    decide(stored, newId): Decision<CompanyDocument> {
      const isNameless = isUpsert && source == null ? 'An upsert needs source and externalId.' : undefined;
      const fault = firstFault(isNameless, checkExternalRef(input), checkContent(input));
      if (fault !== undefined) return { do: 'refuse', code: 'INVALID', message: fault };
      if (stored === undefined) {
        const externalRef = { source: source ?? 'crm', id: externalId ?? newId };
        const { domain = null, industry = null } = input;
        const fields = {
          externalRef,
          externalKey: externalKeyOf(externalRef),
          name,
          nameFolded: fold(name),
          domain,
          industry,
        };
        return { do: 'insert', fields };
      }
      if (!isUpsert) return { do: 'refuse', code: 'CONFLICT', message: 'This source and externalId are known.' };
      return patch(stored, fieldsOf(input));
    },
  };
}

/** Takes a patch; gives the item. */
export function companyPatchItem(input: CompanyPatch): Item<CompanyDocument> {
  return {
    key: input.id,
    version: input.version,
    decide(stored): Decision<CompanyDocument> {
      if (stored === undefined) return { do: 'refuse', code: 'NOT_FOUND', message: 'There is no such company.' };
      const fault = checkContent(input);
      return fault === undefined ? patch(stored, fieldsOf(input)) : { do: 'refuse', code: 'INVALID', message: fault };
    },
  };
}
