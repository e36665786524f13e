// What a company's input and patch may hold, and the fields they become. Pure.
import { checkOptionalText, checkText, firstFault } from '../../kit/write/checkInput.ts';
import { fold } from '../../kit/read/filter.ts';
import type { NaturalInput, NaturalKind, PatchInput } from '../../kit/write/naturalItems.ts';
import type { CompanyDocument } from '../model.ts';

interface CompanyContent {
  readonly name?: string | null;
  readonly domain?: string | null;
  readonly industry?: string | null;
}

/** A new or known company. */
export interface CompanyInput extends CompanyContent, NaturalInput {
  readonly name: string;
}

/** What to change in a company. */
export interface CompanyPatch extends CompanyContent, PatchInput {}

/** What is particular to companies. */
export const COMPANY_KIND: NaturalKind<CompanyDocument, CompanyContent, CompanyInput> = {
  check: ({ name, domain, industry }) =>
    firstFault(
      name === undefined ? undefined : checkText('name', name, 200),
      checkOptionalText('domain', domain, 253),
      checkOptionalText('industry', industry, 100),
    ),
  fieldsOf: ({ name, domain, industry }) => ({
    ...(name != null && { name, nameFolded: fold(name) }),
    ...(domain !== undefined && { domain }),
    ...(industry !== undefined && { industry }),
  }),
  first: ({ name, domain = null, industry = null }, key) => ({
    ...key,
    name,
    nameFolded: fold(name),
    domain,
    industry,
  }),
};
