// Keeps customers' timelines complete with what other subgraphs tell: orders placed, cancelled and returned, and what
// came of campaigns.
import type { GraphEvent } from '../../../contracts/event.ts';
import type { Follower } from '../../kit/follow/follower.ts';
import { isId, isMoment, isText, isWhole, listOf, needsFields, orNull } from '../../kit/follow/readData.ts';
import type { CustomersModels } from '../model.ts';
import { addSystemEntries, type SystemEntry } from './addSystemEntries.ts';

interface OrderData {
  readonly customerId: string;
  readonly number: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly placedAt: string;
  readonly cancelledAt: string | null;
  readonly returns: readonly { readonly id: string; readonly returnedAt: string }[];
}

interface EngagementData {
  readonly customerId: string;
  readonly campaignId: string | null;
  readonly channel: string;
  readonly action: string | null;
  readonly occurredAt: string;
}

/** All that happened to an order stands in its state, so the newest event tells everything. */
const ORDER = {
  needs: 'newest',
  check: needsFields({
    customerId: isId('cus'),
    number: isText,
    currency: isText,
    totalMinor: isWhole,
    placedAt: isMoment,
    cancelledAt: orNull(isMoment),
    returns: listOf({ id: isText, returnedAt: isMoment }),
  }),
} as const;
const ENGAGEMENT_TYPE = 'crm.engagement.recorded.v1';
const ENGAGEMENT = {
  needs: 'each',
  check: needsFields({
    customerId: isId('cus'),
    campaignId: orNull(isId('cmp')),
    channel: isText,
    action: orNull(isText),
    occurredAt: isMoment,
  }),
} as const;

/** What the sender did and not the customer: a timeline tells what the customer did. */
const OF_SENDER: ReadonlySet<string> = new Set(['SENT', 'DELIVERED']);

/** Gives an amount as people read it: `12.50 EUR`. */
function amountText(amountMinor: number, currency: string): string {
  const isCode = /^[A-Z]{3}$/.test(currency);
  const options = isCode ? new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions() : undefined;
  const digits = options?.maximumFractionDigits ?? 2;
  return `${(amountMinor / 10 ** digits).toFixed(digits)} ${currency}`;
}

function orderEntries(subject: string, order: OrderData): SystemEntry[] {
  const { customerId, number, currency, totalMinor, placedAt, cancelledAt, returns } = order;
  const of = { customerId, detail: null };
  return [
    {
      ...{ ...of, happening: `${subject} placed`, title: `Order ${number} placed` },
      ...{ detail: amountText(totalMinor, currency), occurredAt: new Date(placedAt) },
    },
    ...(cancelledAt === null
      ? []
      : [
          {
            ...{ ...of, happening: `${subject} cancelled`, title: `Order ${number} cancelled` },
            occurredAt: new Date(cancelledAt),
          },
        ]),
    ...returns.map(({ id, returnedAt }) => ({
      ...{ ...of, happening: `${subject} returned ${id}`, title: `Order ${number} returned` },
      occurredAt: new Date(returnedAt),
    })),
  ];
}

function engagementEntries(subject: string, engagement: EngagementData): SystemEntry[] {
  const { customerId, campaignId, channel, action, occurredAt } = engagement;
  if (campaignId === null || (action !== null && OF_SENDER.has(action))) return [];
  const title = `Campaign, ${channel.toLowerCase()}: ${action?.toLowerCase() ?? 'visited'}`;
  return [{ happening: subject, customerId, title, detail: campaignId, occurredAt: new Date(occurredAt) }];
}

function entriesOf({ type, subject, data }: GraphEvent): SystemEntry[] {
  return type === ENGAGEMENT_TYPE
    ? engagementEntries(subject, data as EngagementData)
    : orderEntries(subject, data as OrderData);
}

/** Takes the collections of customers; gives the follower. */
export function timeline(models: CustomersModels): Follower {
  return {
    name: 'customers.timeline',
    entities: ['Order', 'Engagement'],
    types: { 'crm.order.placed.v1': ORDER, 'crm.order.changed.v1': ORDER, [ENGAGEMENT_TYPE]: ENGAGEMENT },
    async apply(write, events) {
      await addSystemEntries(models, write, events.flatMap(entriesOf));
      return [];
    },
  };
}
