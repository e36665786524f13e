// Campaigns over two years and the templates they send. Each is made from its own number alone; how often a message was
// opened and the like stands there as zero until the customers' engagements are counted.
import { fold } from '../../subgraphs/kit/read/filter.ts';
import { externalKeyOf } from '../../subgraphs/kit/read/readReference.ts';
import type {
  CampaignDocument,
  CampaignStatus,
  Channel,
  TemplateDocument,
} from '../../subgraphs/marketing/documents.ts';
import { NO_STATS } from '../../subgraphs/marketing/rules/engagementKinds.ts';
import { elementAt, type Draw } from './draw.ts';
import { CAMPAIGN_THEMES } from '../words/business.ts';
import { drawFor, externalRefAt, idAt, sharedFields, type World } from './world.ts';

const DAY_MS = 86_400_000;
const SENT_HOUR_MS = 9 * 3_600_000;
const SPAN_DAYS = 730;
/** The campaigns that are there however few customers there are, and the customers for each one more. */
const CAMPAIGNS_MIN = 40;
const CUSTOMERS_PER_CAMPAIGN = 5_000;
const SENT_MIN = 34;
const SPACING_DAYS = 21;
const PLANNED_DAYS = 10;
const SEGMENT_COUNT = 8;

const CHANNELS: readonly Channel[] = ['EMAIL', 'EMAIL', 'SMS', 'EMAIL', 'WEB', 'PUSH', 'EMAIL', 'WEB'];
const CHANNEL_WORDS: Readonly<Record<Channel, string>> = {
  EMAIL: 'e-mail',
  SMS: 'text message',
  PUSH: 'app',
  WEB: 'website',
};

/** A campaign in the making; `window` is when its messages can reach customers, undefined when nothing was sent. */
export interface SeedCampaign {
  readonly document: CampaignDocument;
  readonly window: { readonly fromMs: number; readonly toMs: number } | undefined;
}

interface Course {
  readonly status: CampaignStatus;
  readonly version: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** The last of the base campaigns have the statuses that the past does not show. */
function courseOf({ untilMs }: World, number: number, draw: Draw): Course {
  const at = (days: number): number => untilMs + days * DAY_MS + SENT_HOUR_MS;
  const lengthMs = draw.whole(12, 30) * DAY_MS;
  const course = (status: CampaignStatus, version: number, startMs: number): Course => {
    return { status, version, startMs, endMs: startMs + lengthMs };
  };
  if (number === 34) return course('RUNNING', 3, at(-11));
  if (number === 35) return course('RUNNING', 3, at(-5));
  if (number === 36) return course('PAUSED', 4, at(-20));
  if (number === 37) return course('SCHEDULED', 2, at(9));
  if (number === 38) return course('DRAFT', 1, at(30));
  if (number === 39) return course('CANCELLED', 3, at(-100));
  const dayOf = number < SENT_MIN ? number * SPACING_DAYS + draw.whole(0, 4) : draw.whole(0, SPAN_DAYS - 6);
  const startMs = at(dayOf - SPAN_DAYS);
  return startMs + lengthMs > untilMs ? course('RUNNING', 3, startMs) : course('COMPLETED', 4, startMs);
}

function lastChangeMs({ status, startMs, endMs }: Course, createdMs: number): number {
  if (status === 'COMPLETED') return endMs;
  if (status === 'PAUSED') return startMs + 5 * DAY_MS;
  return status === 'RUNNING' ? startMs : createdMs;
}

/** Takes a campaign's number; gives the campaign, always the same. */
function makeCampaign(world: World, number: number): SeedCampaign {
  const draw = drawFor(world, 'cmp', number);
  const channel = elementAt(CHANNELS, number % CHANNELS.length);
  const course = courseOf(world, number, draw);
  const { status, startMs, endMs } = course;
  const isStarted = status === 'RUNNING' || status === 'PAUSED' || status === 'COMPLETED';
  const start = new Date(startMs);
  const theme = elementAt(elementAt(CAMPAIGN_THEMES, start.getUTCMonth()), start.getUTCDate() > 15 ? 1 : 0);
  const name = `${theme} ${start.getUTCFullYear()} (${CHANNEL_WORDS[channel]})`;
  const externalRef = externalRefAt(world, 'K', number);
  const createdMs = Math.min(startMs - PLANNED_DAYS * DAY_MS, world.untilMs - DAY_MS);
  const document: CampaignDocument = {
    _id: idAt(world, 'cmp', number),
    ...sharedFields(world, createdMs, lastChangeMs(course, createdMs), course.version),
    externalRef,
    externalKey: externalKeyOf(externalRef),
    name,
    nameFolded: fold(name),
    channel,
    status,
    segmentId: draw.chance(0.7) ? idAt(world, 'seg', draw.whole(0, SEGMENT_COUNT - 1)) : null,
    templateId: idAt(world, 'tpl', templateNumber(channel, draw.whole(0, TEMPLATE_TEXTS[channel].length - 1))),
    scheduledAt: status === 'DRAFT' ? null : start,
    startedAt: isStarted ? start : null,
    completedAt: status === 'COMPLETED' ? new Date(endMs) : null,
    stats: NO_STATS,
  };
  const toMs = status === 'PAUSED' ? lastChangeMs(course, createdMs) : Math.min(endMs, world.untilMs);
  return { document, window: isStarted ? { fromMs: startMs, toMs } : undefined };
}

/** Takes how many customers there are; gives how many campaigns go with them. */
export function campaignCount(customerCount: number): number {
  return CAMPAIGNS_MIN + Math.floor(customerCount / CUSTOMERS_PER_CAMPAIGN);
}

/** Takes how many campaigns; gives them, the first ones the same however many there are. */
export function makeCampaigns(world: World, count: number): SeedCampaign[] {
  return Array.from({ length: count }, (_, number) => makeCampaign(world, number));
}

const TEMPLATE_TEXTS: Readonly<Record<Channel, readonly (readonly [string, string | null, string])[]>> = {
  EMAIL: [
    ['Seasonal letter', 'Something new for the season', 'Hello {{displayName}}, the new season is here. Have a look.'],
    ['Sale letter', 'Up to 30 % off until Sunday', 'Hello {{displayName}}, the sale has begun: {{link}}'],
    [
      'Thank-you letter',
      'A thank-you for you',
      'Hello {{displayName}}, thank you for being with us. Here is a voucher.',
    ],
  ],
  SMS: [['Short notice', null, '{{displayName}}: the sale ends tonight. {{link}} STOP to unsubscribe']],
  PUSH: [['App notice', 'New in the app', 'Your favourites are back in stock.']],
  WEB: [['Home page banner', null, 'Welcome back, {{displayName}}: see what is new.']],
};

const TEMPLATE_CHANNELS: readonly Channel[] = ['EMAIL', 'SMS', 'PUSH', 'WEB'];
const TEMPLATES_PER_CHANNEL_MAX = 8;

function templateNumber(channel: Channel, place: number): number {
  return TEMPLATE_CHANNELS.indexOf(channel) * TEMPLATES_PER_CHANNEL_MAX + place;
}

/** Gives the templates that campaigns send. */
export function makeTemplates(world: World): TemplateDocument[] {
  return TEMPLATE_CHANNELS.flatMap((channel) =>
    TEMPLATE_TEXTS[channel].map(([name, subject, body], place): TemplateDocument => {
      const number = templateNumber(channel, place);
      const externalRef = externalRefAt(world, 'T', number);
      const shared = sharedFields(world, world.untilMs - (SPAN_DAYS + 70) * DAY_MS);
      const externalKey = externalKeyOf(externalRef);
      return { _id: idAt(world, 'tpl', number), ...shared, externalRef, externalKey, name, channel, subject, body };
    }),
  );
}
