import { campaignStatusItem } from './campaignItems.ts';
import type { CampaignDocument, CampaignStatus } from '../documents.ts';
import { NO_STATS } from '../rules/engagementKinds.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const EARLIER = new Date('2026-02-01T00:00:00.000Z');
const STATUSES = ['DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED'] as const;
const ALLOWED = [
  'DRAFT → SCHEDULED',
  'SCHEDULED → RUNNING',
  'RUNNING → PAUSED',
  'PAUSED → RUNNING',
  'RUNNING → COMPLETED',
  'PAUSED → COMPLETED',
  'DRAFT → CANCELLED',
  'SCHEDULED → CANCELLED',
  'RUNNING → CANCELLED',
  'PAUSED → CANCELLED',
];

function campaign(status: CampaignStatus, more: Partial<CampaignDocument> = {}): CampaignDocument {
  const at = { createdAt: EARLIER, updatedAt: EARLIER, createdBy: 'x', updatedBy: 'x', deletedAt: null };
  const natural = { externalRef: { source: 'crm', id: '1' }, externalKey: '3:crm:1' };
  const parts = { name: 'A', nameFolded: 'a', segmentId: null, templateId: null, stats: NO_STATS };
  const times = { scheduledAt: null, startedAt: null, completedAt: null };
  return {
    ...{ _id: 'cmp_000001', tenantId: 'main', version: 1, channel: 'EMAIL', status },
    ...{ ...at, ...natural, ...parts, ...times, ...more },
  };
}

function decide(stored: CampaignDocument | undefined, to: CampaignStatus, scheduledAt: Date | null = null) {
  const item = campaignStatusItem({ id: 'cmp_000001', version: 1, to, scheduledAt }, NOW);
  return item.decide(stored, 'cmp_000002');
}

describe('campaignStatusItem', () => {
  it.each(STATUSES.flatMap((from) => STATUSES.map((to) => [from, to] as const)))('decides %s → %s', (from, to) => {
    const decision = decide(campaign(from), to, to === 'SCHEDULED' ? NOW : null);
    const refused = { do: 'refuse', code: 'INVALID', message: `A campaign does not go from ${from} to ${to}.` };
    if (!ALLOWED.includes(`${from} → ${to}`)) expect(decision).toEqual(refused);
    else expect(decision).toMatchObject({ do: 'patch', fields: { status: to } });
  });

  it('sets each time once', () => {
    expect(decide(campaign('SCHEDULED'), 'RUNNING')).toMatchObject({ fields: { startedAt: NOW } });
    expect(decide(campaign('PAUSED', { startedAt: EARLIER }), 'RUNNING')).toEqual({
      do: 'patch',
      fields: { status: 'RUNNING' },
    });
    expect(decide(campaign('RUNNING'), 'COMPLETED')).toMatchObject({ fields: { completedAt: NOW } });
  });

  it('needs scheduledAt for SCHEDULED and for nothing else', () => {
    expect(decide(campaign('DRAFT'), 'SCHEDULED')).toMatchObject({ code: 'INVALID' });
    expect(decide(campaign('DRAFT'), 'SCHEDULED', new Date('2100-01-01T00:00:00.000Z'))).toMatchObject({
      code: 'INVALID',
    });
    expect(decide(campaign('SCHEDULED'), 'RUNNING', NOW)).toMatchObject({ code: 'INVALID' });
  });

  it('refuses what is not there or deleted', () => {
    expect(decide(undefined, 'CANCELLED')).toMatchObject({ code: 'NOT_FOUND' });
    expect(decide(campaign('DRAFT', { deletedAt: EARLIER }), 'CANCELLED')).toMatchObject({ code: 'CONFLICT' });
  });
});
