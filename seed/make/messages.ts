// What campaigns sent to a customer and what came of it. Some messages lead to an order: that order then has a touch
// that names the campaign and the engagement. Nothing is sent without consent, and unsubscribing ends a channel.
import type { Touch } from '../../subgraphs/orders/model.ts';
import type { CampaignMemberDocument, Channel, EngagementDocument } from '../../subgraphs/marketing/documents.ts';
import type { SeedCampaign } from './campaigns.ts';
import type { ConsentRecord } from './consents.ts';
import type { Person } from './customers.ts';
import type { Purchase } from './purchases.ts';
import { LANDING_PAGES, PLAIN_PAGES } from '../words/business.ts';
import { externalRefAt, idOfCustomers, SEED_ACTOR, type World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ATTRIBUTED_SHARE = 0.3;
const SECOND_TOUCH_SHARE = 0.25;
/** How long after the end of a campaign an order can still come from it; text messages are forgotten sooner. */
const AFTER_END_MS = 3 * DAY_MS;
const TEXT_MESSAGE_MS = 7 * DAY_MS;
const MESSAGES_OF_CUSTOMER_MAX = 256;

/** What was sent to a customer; `touches` has a list for each purchase. */
export interface Messages {
  readonly engagements: EngagementDocument[];
  readonly members: CampaignMemberDocument[];
  readonly touches: readonly Touch[][];
}

interface Send {
  readonly campaign: SeedCampaign;
  readonly fromMs: number;
  readonly toMs: number;
  /** The purchase that it leads to. */
  readonly leadsTo: number | undefined;
}

function sendOf(campaign: SeedCampaign, leadsTo?: number): Send[] {
  return campaign.window === undefined ? [] : [{ campaign, ...campaign.window, leadsTo }];
}

function canLead({ document, window }: SeedCampaign, atMs: number, record: ConsentRecord): boolean {
  if (window === undefined || atMs < window.fromMs + HOUR_MS) return false;
  const lastMs = document.channel === 'SMS' ? window.fromMs + TEXT_MESSAGE_MS : window.toMs + AFTER_END_MS;
  return atMs <= lastMs && record.allows(document.channel, window.fromMs);
}

/** What messages are planned from. */
export interface Audience {
  readonly campaigns: readonly SeedCampaign[];
  readonly person: Person;
  readonly record: ConsentRecord;
  readonly purchases: readonly Purchase[];
}

/** Chooses the campaigns that led to purchases, then some that led to nothing; each once, in the order of sending. */
function planSends({ campaigns, person, record, purchases }: Audience): Send[] {
  const { draw, isShowcase, habit, createdMs } = person;
  const taken = new Set<SeedCampaign>();
  const sends: Send[] = [];
  purchases.forEach(({ atMs }, purchase) => {
    if (!isShowcase && !draw.chance(ATTRIBUTED_SHARE)) return;
    const touchCount = draw.chance(SECOND_TOUCH_SHARE) ? 2 : 1;
    for (let touch = 0; touch < touchCount; touch += 1) {
      const candidates = campaigns.filter((campaign) => !taken.has(campaign) && canLead(campaign, atMs, record));
      if (candidates.length === 0) return;
      const campaign = draw.pick(candidates);
      taken.add(campaign);
      sends.push(...sendOf(campaign, purchase));
    }
  });
  const othersCount = draw.whole(1, 5) + (habit === 'LOYAL' ? 2 : 0);
  for (let other = 0; other < othersCount; other += 1) {
    const campaign = draw.pick(campaigns);
    if (taken.has(campaign) || (campaign.window?.fromMs ?? 0) < createdMs) continue;
    taken.add(campaign);
    sends.push(...sendOf(campaign));
  }
  return sends.sort((left, right) => left.fromMs - right.fromMs);
}

/** Writes down what happens with a customer's messages. */
class MessageLog {
  readonly engagements: EngagementDocument[] = [];
  readonly members: CampaignMemberDocument[] = [];
  readonly touches: Touch[][];
  readonly #world: World;
  readonly #audience: Audience;

  constructor(world: World, audience: Audience) {
    this.#world = world;
    this.#audience = audience;
    this.touches = audience.purchases.map(() => []);
  }

  /** Adds an engagement unless it lies behind the last day of the data; gives its id. */
  add(campaignId: string | null, channel: Channel, action: string, atMs: number): string | undefined {
    const place = this.engagements.length;
    if (atMs > this.#world.untilMs) return undefined;
    const { number, document } = this.#audience.person;
    const _id = idOfCustomers(this.#world, 'eng', number, place);
    this.engagements.push({
      _id,
      tenantId: this.#world.tenantId,
      uniqueId: externalRefAt(this.#world, 'E', number * MESSAGES_OF_CUSTOMER_MAX + place).id,
      customerId: document._id,
      campaignId,
      channel,
      occurredAt: new Date(atMs),
      action,
    });
    return _id;
  }

  /** Sends a campaign if the customer may get it, with all that follows from it. */
  send(send: Send): void {
    const { person, record, purchases } = this.#audience;
    const { _id: campaignId, channel } = send.campaign.document;
    const sentMs = send.fromMs + person.draw.whole(0, 40) * MINUTE_MS;
    if (!record.allows(channel, sentMs)) return;
    const purchase = send.leadsTo === undefined ? undefined : purchases[send.leadsTo];
    this.#join(campaignId, send.fromMs);
    if (purchase === undefined) {
      this.#react(send, sentMs);
      return;
    }
    const reachedMs = this.#reachedMs(channel, sentMs, purchase.atMs);
    const engagementId = this.#lead(campaignId, channel, { sentMs, reachedMs });
    if (engagementId === undefined) return;
    this.touches[send.leadsTo ?? 0]?.push({ campaignId, engagementId, touchedAt: new Date(reachedMs) });
  }

  /** Adds visits that no campaign led to. */
  visit(): void {
    const { person, record } = this.#audience;
    const { draw, createdMs } = person;
    if (!draw.chance(0.3)) return;
    const visits = Array.from({ length: draw.whole(1, 3) }, () => draw.moment(createdMs, this.#world.untilMs));
    for (const atMs of visits) if (record.allows('WEB', atMs)) this.add(null, 'WEB', draw.pick(PLAIN_PAGES), atMs);
  }

  #join(campaignId: string, fromMs: number): void {
    const { number, document } = this.#audience.person;
    const _id = idOfCustomers(this.#world, 'cmm', number, this.members.length);
    const addedAt = new Date(fromMs - DAY_MS);
    const { tenantId } = this.#world;
    this.members.push({ _id, tenantId, campaignId, customerId: document._id, addedAt, addedBy: SEED_ACTOR });
  }

  /** Gives when a message that leads to a purchase was noticed: up to 30 hours before, after it was sent. */
  #reachedMs(channel: Channel, sentMs: number, boughtMs: number): number {
    if (channel === 'SMS') return sentMs + 9_000;
    const noticedMs = boughtMs - this.#audience.person.draw.whole(5, 1_800) * MINUTE_MS;
    return Math.max(sentMs + 5 * MINUTE_MS, noticedMs);
  }

  #lead(campaignId: string, channel: Channel, times: { sentMs: number; reachedMs: number }): string | undefined {
    const { sentMs, reachedMs } = times;
    if (channel === 'WEB') {
      return this.add(campaignId, channel, this.#audience.person.draw.pick(LANDING_PAGES), reachedMs);
    }
    this.add(campaignId, channel, 'SENT', sentMs);
    if (channel === 'SMS') return this.add(campaignId, channel, 'DELIVERED', reachedMs);
    if (channel === 'PUSH') return this.add(campaignId, channel, 'OPENED', reachedMs);
    this.add(campaignId, channel, 'OPENED', reachedMs - MINUTE_MS);
    return this.add(campaignId, channel, 'CLICKED', reachedMs);
  }

  /** What follows from a message that leads to no purchase. */
  #react({ campaign, fromMs, toMs }: Send, sentMs: number): void {
    const { draw } = this.#audience.person;
    const { _id: campaignId, channel } = campaign.document;
    const add = (action: string, atMs: number) => this.add(campaignId, channel, action, atMs);
    if (channel === 'WEB') {
      const visits = Array.from({ length: draw.whole(1, 2) }, () => draw.moment(fromMs, toMs));
      for (const atMs of visits) add(draw.pick(LANDING_PAGES), atMs);
      return;
    }
    add('SENT', sentMs);
    if (channel === 'EMAIL') {
      this.#reactToEmail(campaignId, sentMs);
      return;
    }
    const noticedMs = sentMs + draw.whole(1, 600) * MINUTE_MS;
    if (channel === 'PUSH') {
      if (draw.chance(0.55)) add(draw.chance(0.35) ? 'OPENED' : 'DISMISSED', noticedMs);
      return;
    }
    const isDelivered = draw.chance(0.97);
    add(isDelivered ? 'DELIVERED' : 'FAILED', sentMs + 9_000);
    if (isDelivered && draw.chance(0.03)) add('REPLIED', noticedMs);
  }

  #reactToEmail(campaignId: string, sentMs: number): void {
    const { person, record } = this.#audience;
    const { draw, isShowcase } = person;
    if (!isShowcase && draw.chance(0.012)) {
      this.add(campaignId, 'EMAIL', 'BOUNCED', sentMs + 4_000);
      record.suppress('EMAIL', 'BOUNCED', sentMs + 4_000);
      return;
    }
    if (!draw.chance(0.46)) return;
    const openedMs = sentMs + draw.whole(2, 2_400) * MINUTE_MS;
    if (this.add(campaignId, 'EMAIL', 'OPENED', openedMs) === undefined) return;
    if (draw.chance(0.28)) this.add(campaignId, 'EMAIL', 'CLICKED', openedMs + draw.whole(5, 300) * 1_000);
    else if (!isShowcase && draw.chance(0.035)) this.#unsubscribe(campaignId, openedMs + 20_000);
  }

  #unsubscribe(campaignId: string, atMs: number): void {
    const { record } = this.#audience;
    if (this.add(campaignId, 'EMAIL', 'UNSUBSCRIBED', atMs) === undefined) return;
    record.state('EMAIL', 'WITHDRAWN', atMs, 'unsubscribe-link');
    record.suppress('EMAIL', 'UNSUBSCRIBED', atMs);
  }
}

/** Takes an audience of one; gives what was sent and what came of it, and adds to the record of consent. */
export function makeMessages(world: World, audience: Audience): Messages {
  const log = new MessageLog(world, audience);
  for (const send of planSends(audience)) log.send(send);
  log.visit();
  for (const touches of log.touches)
    touches.sort((left, right) => left.touchedAt.getTime() - right.touchedAt.getTime());
  return log;
}
