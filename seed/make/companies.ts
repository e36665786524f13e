// Companies: one to a block of twelve customers, of whom some work for it. A company is made from its own number alone.
import { fold } from '../../subgraphs/kit/read/filter.ts';
import { externalKeyOf } from '../../subgraphs/kit/read/readReference.ts';
import type { CompanyDocument } from '../../subgraphs/customers/model.ts';
import { COMPANY_FORMS, COMPANY_STEMS, COMPANY_TRADES } from '../words/business.ts';
import { COUNTRIES, type Country } from '../words/people.ts';
import { drawFor, externalRefAt, idAt, sharedFields, type World } from './world.ts';

/** How many customers follow each other for one company. */
export const CUSTOMERS_PER_COMPANY = 12;
const DAY_MS = 86_400_000;
const FOUNDED_DAYS_MAX = 1_500;

/** A company with the country that most of its people are from. */
export interface SeedCompany {
  readonly document: CompanyDocument;
  readonly country: Country;
}

/** Takes a company's number; gives the company, always the same. */
export function makeCompany(world: World, number: number): SeedCompany {
  const draw = drawFor(world, 'com', number);
  const country = draw.pickWeighted(COUNTRIES);
  const [stem, trade] = [draw.pick(COMPANY_STEMS), draw.pick(COMPANY_TRADES)];
  const name = `${stem} ${trade.word} ${COMPANY_FORMS[country.code] ?? 'Ltd'}`;
  const slug = `${stem} ${trade.word}`.toLowerCase().replaceAll(' ', '-');
  const externalRef = externalRefAt(world, 'B', number);
  const createdMs = world.untilMs - draw.whole(FOUNDED_DAYS_MAX - 90, FOUNDED_DAYS_MAX) * DAY_MS;
  const document: CompanyDocument = {
    _id: idAt(world, 'com', number),
    ...sharedFields(world, createdMs),
    externalRef,
    externalKey: externalKeyOf(externalRef),
    name,
    nameFolded: fold(name),
    domain: `${slug}-${number + 1}.example.com`,
    industry: trade.industry,
  };
  return { document, country };
}
