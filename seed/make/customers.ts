// People: a customer with name, address, company and custom fields, and what stands in the timeline. How a customer buys
// (its habit) is drawn here too, because the time at which one came has to fit it.
import { fold } from '../../subgraphs/kit/read/filter.ts';
import { externalKeyOf } from '../../subgraphs/kit/read/readReference.ts';
import type {
  Address,
  CustomerDocument,
  CustomFieldEntry,
  TimelineEntryDocument,
} from '../../subgraphs/customers/model.ts';
import { CUSTOMERS_PER_COMPANY, makeCompany, type SeedCompany } from './companies.ts';
import type { Draw } from './draw.ts';
import { TIMELINE_TEXTS } from '../words/business.ts';
import { COUNTRIES, type Country } from '../words/people.ts';
import { externalRefAt, idAt, idOfCustomers, SEED_ACTOR, sharedFields, type World } from './world.ts';

const DAY_MS = 86_400_000;

/** How a customer buys. */
export type Habit = 'PROSPECT' | 'ONE_TIME' | 'REGULAR' | 'LAPSED' | 'LOYAL';

const HABITS: readonly { readonly habit: Habit; readonly weight: number }[] = [
  { habit: 'PROSPECT', weight: 17 },
  { habit: 'ONE_TIME', weight: 36 },
  { habit: 'REGULAR', weight: 25 },
  { habit: 'LAPSED', weight: 13 },
  { habit: 'LOYAL', weight: 9 },
];

/** How long ago customers of a habit came, in days. */
const CAME_DAYS: Readonly<Record<Habit, readonly [number, number]>> = {
  PROSPECT: [1, 700],
  ONE_TIME: [1, 1_300],
  REGULAR: [120, 1_300],
  LAPSED: [500, 1_400],
  LOYAL: [400, 1_400],
};

/** A customer in the making. */
export interface Person {
  readonly number: number;
  readonly draw: Draw;
  readonly country: Country;
  readonly habit: Habit;
  readonly isShowcase: boolean;
  readonly createdMs: number;
  readonly document: CustomerDocument;
}

const PLAIN_LETTERS: Readonly<Record<string, string>> = { ß: 'ss', ł: 'l', ø: 'o', æ: 'ae', ö: 'oe', ä: 'ae', ü: 'ue' };
const plainWords = new Map<string, string>();

/** Gives a name as it stands in an e-mail address: small letters without accents. */
function plain(name: string): string {
  const known = plainWords.get(name);
  if (known !== undefined) return known;
  const spelled = name.toLowerCase().replace(/[ßłøæöäü]/g, (letter) => PLAIN_LETTERS[letter] ?? letter);
  const bare = spelled.normalize('NFD').replace(/[^a-z]/g, '');
  plainWords.set(name, bare);
  return bare;
}

function makeAddress(draw: Draw, country: Country): Address {
  const [city, street, house] = [draw.pick(country.cities), draw.pick(country.streets), draw.whole(1, 120)];
  const line1 = country.numberFirst ? `${house} ${street}` : `${street} ${house}`;
  return { line1, city: city.name, postalCode: draw.fill(city.postal), countryCode: country.code };
}

function makeCustomFields(draw: Draw, habit: Habit, hasCompany: boolean): CustomFieldEntry[] {
  const birthday = new Date(Date.UTC(draw.whole(1948, 2006), draw.whole(0, 11), draw.whole(1, 28)));
  const tiers: Readonly<Record<Habit, string>> = {
    PROSPECT: 'none',
    ONE_TIME: 'basic',
    REGULAR: 'silver',
    LAPSED: 'basic',
    LOYAL: 'gold',
  };
  return [
    { key: 'loyaltyTier', value: tiers[habit] },
    ...(draw.chance(0.4) ? [{ key: 'birthday', value: birthday }] : []),
    ...(hasCompany ? [{ key: 'isWholesale', value: draw.chance(0.3) }] : []),
    ...(hasCompany ? [{ key: 'creditLimit', value: draw.whole(1, 40) * 500 }] : []),
    ...(draw.chance(0.2) ? [{ key: 'accountManager', value: draw.pick(['Mira', 'Joris', 'Salma', 'Petr']) }] : []),
  ];
}

function makeEmail(
  draw: Draw,
  names: readonly [string, string],
  place: { number: number; domain: string | null },
): string {
  const [first, last] = [plain(names[0]), plain(names[1])];
  if (place.domain !== null) return `${first}.${last}@${place.domain}`;
  const domain = draw.pick(['example.com', 'example.org', 'example.net']);
  // The number keeps addresses apart: no two customers share one.
  return `${draw.chance(0.7) ? `${first}.${last}` : `${first.slice(0, 1)}${last}`}${place.number + 1}@${domain}`;
}

function companyFor(
  world: World,
  number: number,
  { draw, isShowcase }: { draw: Draw; isShowcase: boolean },
): SeedCompany | undefined {
  return draw.chance(0.4) || isShowcase ? makeCompany(world, Math.floor(number / CUSTOMERS_PER_COMPANY)) : undefined;
}

/** Takes a customer's number and its draws; gives the person. Number 0 is the showcase, which has some of everything. */
export function makePerson(world: World, number: number, draw: Draw): Person {
  const isShowcase = number === 0;
  const company = companyFor(world, number, { draw, isShowcase });
  const country = company !== undefined && draw.chance(0.8) ? company.country : draw.pickWeighted(COUNTRIES);
  const drawnHabit = draw.pickWeighted(HABITS).habit;
  const habit = isShowcase ? 'LOYAL' : drawnHabit;
  const [daysMin, daysMax] = CAME_DAYS[habit];
  const createdMs = draw.moment(world.untilMs - daysMax * DAY_MS, world.untilMs - daysMin * DAY_MS);
  const [first, last] = [draw.pick(country.firstNames), draw.pick(country.lastNames)];
  const displayName = `${first} ${last}`;
  const email =
    isShowcase || draw.chance(0.96)
      ? makeEmail(draw, [first, last], { number, domain: company?.document.domain ?? null })
      : null;
  const externalRef = externalRefAt(world, 'C', number);
  const _id = idAt(world, 'cus', number);
  const document: CustomerDocument = {
    _id,
    ...sharedFields(world, createdMs),
    externalRef,
    lookupKeys: [_id, externalKeyOf(externalRef)],
    displayName,
    nameFolded: fold(displayName),
    email,
    emailFolded: email === null ? null : fold(email),
    phone: isShowcase || draw.chance(0.7) ? draw.fill(country.phone) : null,
    defaultAddress: isShowcase || draw.chance(0.93) ? makeAddress(draw, country) : null,
    companyId: company?.document._id ?? null,
    customFields: makeCustomFields(draw, habit, company !== undefined),
    mergedInto: null,
  };
  return { number, draw, country, habit, isShowcase, createdMs, document };
}

/** Takes a person; gives what stands in its timeline: how it came, and now and then what people of the shop wrote. */
export function makeTimeline(world: World, person: Person): TimelineEntryDocument[] {
  const { draw, number, createdMs } = person;
  const noteCount = person.isShowcase ? 4 : draw.chance(0.3) ? draw.whole(1, 3) : 0;
  const common = { tenantId: world.tenantId, customerId: person.document._id, createdBy: SEED_ACTOR };
  const came: TimelineEntryDocument = {
    _id: idOfCustomers(world, 'tml', number, 0),
    ...common,
    kind: 'SYSTEM',
    title: 'Customer created',
    detail: null,
    occurredAt: new Date(createdMs),
  };
  const notes = Array.from({ length: noteCount }, (_, place): TimelineEntryDocument => {
    const _id = idOfCustomers(world, 'tml', number, place + 1);
    return {
      _id,
      ...common,
      ...draw.pick(TIMELINE_TEXTS),
      occurredAt: new Date(draw.moment(createdMs, world.untilMs)),
    };
  });
  return [came, ...notes];
}
