// Data of marketing for tests: customers who all have some of everything, written as the seed writes it.
import {
  currentConsents,
  keyInTenant,
  makeProfile,
  NO_ORDERS,
} from '../../subgraphs/marketing/rules/audienceProfile.ts';
import type { ConsentDocument, EngagementDocument } from '../../subgraphs/marketing/documents.ts';
import { NO_STATS } from '../../subgraphs/marketing/rules/engagementKinds.ts';
import type { MarketingModels } from '../../subgraphs/marketing/model.ts';
import { nthId } from './ordersData.ts';

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const tenantId = 'main';
/** By how an engagement's number divides: its channel and action. */
const ENGAGED = [
  { channel: 'EMAIL', action: 'OPENED' },
  { channel: 'SMS', action: 'REPLIED' },
  { channel: 'PUSH', action: 'DISMISSED' },
  { channel: 'WEB', action: '/shoes' },
] as const;

function momentOf(hours: number): Date {
  return new Date(START_MS + hours * HOUR_MS);
}

function shared(n: number) {
  const createdAt = momentOf(n);
  const times = { createdAt, updatedAt: createdAt, createdBy: 'test', updatedBy: 'test', deletedAt: null };
  return { tenantId, version: 1, ...times, externalRef: { source: 'test', id: String(n) }, externalKey: `test ${n}` };
}

function consentsOf(customer: number): ConsentDocument[] {
  const customerId = nthId('cus', customer);
  const statements = (['EMAIL', 'SMS', 'EMAIL'] as const).map((channel, at): ConsentDocument => ({
    ...{ _id: nthId('con', customer * 3 + at), tenantId, customerId, channel, source: 'test', current: false },
    ...{ state: 'GRANTED', capturedAt: momentOf(at), recordedAt: momentOf(at), recordedBy: 'test' },
  }));
  const holding = new Set(currentConsents(statements).values());
  return statements.map((consent) => ({ ...consent, current: holding.has(consent) }));
}

function engagementsOf(customer: number, campaigns: number): EngagementDocument[] {
  return Array.from({ length: 8 }, (_, at) => {
    const n = customer * 8 + at;
    const { channel, action } = ENGAGED[at % 4] ?? ENGAGED[0];
    const campaignId = nthId('cmp', n % campaigns);
    const of = { tenantId, customerId: nthId('cus', customer), campaignId };
    return { _id: nthId('eng', n), uniqueId: `test ${n}`, ...of, channel, action, occurredAt: momentOf(n) };
  });
}

/** Fills marketing: each campaign has a segment and a template, each customer 8 engagements, 3 consents, 2 segments. */
export async function writeMarketingData(
  models: MarketingModels,
  { customers, campaigns }: { customers: number; campaigns: number },
): Promise<void> {
  const some = Array.from({ length: campaigns }, (_, n) => n);
  const people = Array.from({ length: customers }, (_, n) => n);
  const status = { channel: 'EMAIL', status: 'DRAFT', scheduledAt: null, startedAt: null, completedAt: null } as const;
  await models.campaigns.insertMany(
    some.map((n) => ({
      ...{ _id: nthId('cmp', n), ...shared(n), name: `Campaign ${n}`, nameFolded: `campaign ${n}`, ...status },
      ...{ segmentId: nthId('seg', n), templateId: nthId('tpl', n), stats: NO_STATS },
    })),
  );
  const rule = { orderCountGte: 1 };
  await models.segments.insertMany(
    some.map((n) => ({
      ...{ _id: nthId('seg', n), ...shared(n), name: `Segment ${n}`, rule, memberCount: 0, refreshedAt: null },
    })),
  );
  await models.templates.insertMany(
    some.map((n) => ({
      ...{ _id: nthId('tpl', n), ...shared(n), name: `Template ${n}`, channel: 'EMAIL', subject: null, body: 'Hello' },
    })),
  );
  const memberships = people.flatMap((n) => [0, 1].map((at) => ({ n: n * 2 + at, segment: (n + at) % campaigns, at })));
  await models.segmentMemberships.insertMany(
    memberships.map(({ n, segment }) => ({
      ...{ _id: nthId('sgm', n), tenantId, segmentId: nthId('seg', segment), since: momentOf(n) },
      customerId: nthId('cus', Math.floor(n / 2)),
    })),
  );
  await models.campaignMembers.insertMany(
    people.map((n) => ({
      ...{ _id: nthId('cmm', n), tenantId, campaignId: nthId('cmp', n % campaigns), customerId: nthId('cus', n) },
      ...{ addedAt: momentOf(n), addedBy: 'test' },
    })),
  );
  await models.consents.insertMany(people.flatMap(consentsOf));
  await models.suppressions.insertMany(
    people.map((n) => ({
      ...{ _id: nthId('sup', n), tenantId, customerId: nthId('cus', n), channel: 'SMS', reason: 'MANUAL' },
      ...{ since: momentOf(n), addedBy: 'test' },
    })),
  );
  await models.engagements.insertMany(people.flatMap((n) => engagementsOf(n, campaigns)));
  await models.attributions.insertMany(
    people.map((n) => ({
      ...{ _id: keyInTenant(tenantId, nthId('ord', n)), tenantId, orderId: nthId('ord', n), model: 'LAST_TOUCH' },
      ...{ campaignId: nthId('cmp', n % campaigns), touchedAt: momentOf(n) },
    })),
  );
  await models.audienceProfiles.insertMany(
    people.map((n) =>
      makeProfile({
        ...{ tenantId, customerId: nthId('cus', n), orders: NO_ORDERS, updatedAt: momentOf(n) },
        ...{ consents: consentsOf(n), suppressions: [{ channel: 'SMS' }] },
      }),
    ),
  );
}
