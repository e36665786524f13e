import { countStats } from './engagementKinds.ts';
import { actionOf } from '../changes/ingestEngagements.ts';

describe('countStats', () => {
  it('counts by campaign what statistics show, and nothing else', () => {
    const of = (campaignId: string | null, channel: 'EMAIL' | 'SMS' | 'PUSH' | 'WEB', action: string) => {
      return { campaignId, channel, action };
    };
    const stats = countStats([
      of('cmp_1', 'EMAIL', 'SENT'),
      of('cmp_1', 'SMS', 'SENT'),
      of('cmp_1', 'EMAIL', 'OPENED'),
      of('cmp_1', 'EMAIL', 'CLICKED'),
      of('cmp_1', 'EMAIL', 'BOUNCED'),
      of('cmp_1', 'SMS', 'REPLIED'),
      of('cmp_2', 'EMAIL', 'UNSUBSCRIBED'),
      of('cmp_3', 'WEB', 'SENT'),
      of(null, 'EMAIL', 'SENT'),
    ]);
    expect([...stats]).toEqual([
      ['cmp_1', { sent: 2, opened: 1, clicked: 1, unsubscribed: 0 }],
      ['cmp_2', { sent: 0, opened: 0, clicked: 0, unsubscribed: 1 }],
    ]);
  });
});

describe('actionOf', () => {
  const item = { uniqueId: 'a', customerId: 'cus_000001', occurredAt: new Date(0) };

  it('gives the action of the channel when it stands alone', () => {
    expect(actionOf({ ...item, channel: 'SMS', smsStatus: 'SENT', emailAction: null })).toBe('SENT');
    expect(actionOf({ ...item, channel: 'WEB', pagePath: '/a' })).toBe('/a');
  });

  it('gives undefined without it, with that of another channel, or with several', () => {
    expect(actionOf({ ...item, channel: 'SMS' })).toBeUndefined();
    expect(actionOf({ ...item, channel: 'SMS', emailAction: 'SENT' })).toBeUndefined();
    expect(actionOf({ ...item, channel: 'SMS', smsStatus: 'SENT', pushAction: 'SENT' })).toBeUndefined();
  });
});
