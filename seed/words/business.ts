// The words of companies, campaigns, templates and timelines.

/** What company names begin with. */
export const COMPANY_STEMS = [
  ...['Nordwind', 'Bluebird', 'Alder', 'Kestrel', 'Hollis', 'Meridian', 'Lindqvist', 'Castellan', 'Brightwater'],
  ...['Ferro', 'Ostrava', 'Juniper', 'Halden', 'Quayside', 'Solano', 'Tamarack', 'Verdi', 'Whitby', 'Zephyr', 'Arbor'],
  ...['Copperfield', 'Delacroix', 'Everly', 'Fjord', 'Granite', 'Harrow', 'Isola', 'Kantor', 'Larkspur', 'Montclair'],
] as const;

/** What company names go on with, and the industry that it tells of. */
export const COMPANY_TRADES = [
  { word: 'Logistics', industry: 'Transport and logistics' },
  { word: 'Foods', industry: 'Food and beverages' },
  { word: 'Interiors', industry: 'Retail' },
  { word: 'Analytics', industry: 'Software' },
  { word: 'Architects', industry: 'Architecture' },
  { word: 'Engineering', industry: 'Machinery' },
  { word: 'Dental Care', industry: 'Health care' },
  { word: 'Energy', industry: 'Energy' },
  { word: 'Publishing', industry: 'Media' },
  { word: 'Consulting', industry: 'Professional services' },
  { word: 'Hotels', industry: 'Hospitality' },
  { word: 'Print Works', industry: 'Manufacturing' },
  { word: 'Schools', industry: 'Education' },
  { word: 'Finance', industry: 'Financial services' },
] as const;

/** What company names end with, by country. */
export const COMPANY_FORMS: Readonly<Record<string, string>> = {
  DE: 'GmbH',
  GB: 'Ltd',
  US: 'Inc.',
  FR: 'SARL',
  ES: 'S.L.',
  SE: 'AB',
  PL: 'Sp. z o.o.',
  NL: 'B.V.',
  CH: 'AG',
};

/** What a campaign of a month is about, January first. */
export const CAMPAIGN_THEMES: readonly (readonly [string, string])[] = [
  ['Winter Sale', 'New Year Fresh Start'],
  ['Valentine Gifts', 'Last of Winter'],
  ['Spring Preview', 'Garden Opening'],
  ['Easter Days', 'Spring Sale'],
  ["Mother's Day", 'Outdoor Season'],
  ['Summer Preview', "Father's Day"],
  ['Summer Sale', 'Travel Light'],
  ['Back to School', 'End of Summer'],
  ['Autumn Collection', 'Office Refresh'],
  ['Cosy Home', 'Members Week'],
  ['Black Friday', 'Early Gifts'],
  ['Holiday Gifts', 'Last Minute Gifts'],
];

/** Which pages a visitor of a campaign sees. */
export const LANDING_PAGES = ['/sale', '/new', '/gifts', '/collections/home', '/collections/outdoor'] as const;

/** Which pages a visitor sees without a campaign. */
export const PLAIN_PAGES = ['/', '/account', '/help/returns', '/products', '/stores', '/wishlist'] as const;

/** What stands in timelines. `SYSTEM` is written once, when a customer comes. */
export const TIMELINE_TEXTS = [
  { kind: 'NOTE', title: 'Prefers delivery in the afternoon', detail: 'Asked for a note to the carrier.' },
  { kind: 'NOTE', title: 'Interested in a framework agreement', detail: 'About 40 items a year. Ask again in spring.' },
  { kind: 'NOTE', title: 'Address confirmed', detail: null },
  { kind: 'CALL', title: 'Asked about a late parcel', detail: 'Carrier traced it; arrived the next day.' },
  { kind: 'CALL', title: 'Advice before buying', detail: 'Compared two sizes; will order online.' },
  { kind: 'CALL', title: 'Return explained', detail: 'Label sent by e-mail.' },
  { kind: 'MEETING', title: 'Met at the trade fair', detail: 'Wants to see next season early.' },
  { kind: 'MEETING', title: 'Visit in the showroom', detail: null },
  { kind: 'EMAIL', title: 'Invoice sent again', detail: 'The first one went to an old address.' },
  { kind: 'EMAIL', title: 'Thanked for the quick exchange', detail: null },
] as const;

/** Why orders are cancelled. */
export const CANCEL_REASONS = ['ordered twice', 'found elsewhere', 'takes too long', 'payment failed'] as const;

/** Why goods come back. */
export const RETURN_REASONS = ['wrong size', 'not as described', 'damaged in transit', 'changed mind'] as const;

/** Who carries parcels. */
export const CARRIERS = ['DHL', 'UPS', 'DPD', 'GLS', 'PostNord'] as const;
