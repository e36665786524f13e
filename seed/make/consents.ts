// What customers said about each channel, as a record of statements, and on which channels nothing may be sent. The
// record grows while messages are sent: an unsubscription is both a statement and a suppression.
import type { Channel, ConsentDocument, SuppressionDocument } from '../../subgraphs/marketing/documents.ts';
import type { Person } from './customers.ts';
import { idOfCustomers, SEED_ACTOR, type World } from './world.ts';

const DAY_MS = 86_400_000;
const RECORDED_AFTER_MS = 2_000;

interface Statement {
  readonly channel: Channel;
  readonly state: ConsentDocument['state'];
  readonly atMs: number;
  readonly source: string;
}

interface Habitual {
  readonly channel: Channel;
  readonly share: number;
  readonly sources: readonly string[];
}

const SHARES: readonly Habitual[] = [
  { channel: 'EMAIL', share: 0.88, sources: ['signup-form', 'checkout', 'checkout', 'newsletter-page'] },
  { channel: 'SMS', share: 0.3, sources: ['checkout', 'account-settings'] },
  { channel: 'PUSH', share: 0.28, sources: ['app-first-start', 'account-settings'] },
  { channel: 'WEB', share: 0.55, sources: ['cookie-banner'] },
];
const DENIED_SHARE = 0.08;
const WITHDRAWN_SHARE = 0.09;
const GRANTED_AGAIN_SHARE = 0.4;

/** Everything a customer said about channels, and what is suppressed. */
export class ConsentRecord {
  readonly #statements: Statement[] = [];
  readonly #suppressions = new Map<Channel, { reason: SuppressionDocument['reason']; sinceMs: number }>();

  /** Adds a statement. */
  state(channel: Channel, state: ConsentDocument['state'], atMs: number, source: string): void {
    this.#statements.push({ channel, state, atMs, source });
  }

  /** Forbids a channel; the first reason stays. */
  suppress(channel: Channel, reason: SuppressionDocument['reason'], sinceMs: number): void {
    if (!this.#suppressions.has(channel)) this.#suppressions.set(channel, { reason, sinceMs });
  }

  /** Says whether a message may be sent over a channel at a moment. */
  allows(channel: Channel, atMs: number): boolean {
    const suppressed = this.#suppressions.get(channel);
    if (suppressed !== undefined && suppressed.sinceMs <= atMs) return false;
    let newest: Statement | undefined;
    for (const statement of this.#statements) {
      if (statement.channel !== channel || statement.atMs > atMs) continue;
      if (newest === undefined || statement.atMs >= newest.atMs) newest = statement;
    }
    return newest?.state === 'GRANTED';
  }

  /** Gives the statements as documents, in the order they were made; the newest of each channel is the current one. */
  consents(world: World, { number, document }: Person): ConsentDocument[] {
    const ordered = this.#statements.toSorted((left, right) => left.atMs - right.atMs);
    return ordered.map(({ channel, state, atMs, source }, place) => ({
      _id: idOfCustomers(world, 'con', number, place),
      tenantId: world.tenantId,
      customerId: document._id,
      channel,
      state,
      capturedAt: new Date(atMs),
      source,
      current: !ordered.slice(place + 1).some((later) => later.channel === channel),
      recordedAt: new Date(atMs + RECORDED_AFTER_MS),
      recordedBy: SEED_ACTOR,
    }));
  }

  /** Gives the suppressions as documents. */
  suppressions(world: World, { number, document }: Person): SuppressionDocument[] {
    return [...this.#suppressions].map(([channel, { reason, sinceMs }], place) => ({
      _id: idOfCustomers(world, 'sup', number, place),
      tenantId: world.tenantId,
      customerId: document._id,
      channel,
      reason,
      since: new Date(sinceMs),
      addedBy: SEED_ACTOR,
    }));
  }
}

/** Takes a person; gives what it said by itself: most agree when they come, some never, some change their minds. */
export function beginConsents({ untilMs }: World, { draw, createdMs, isShowcase }: Person): ConsentRecord {
  const record = new ConsentRecord();
  for (const { channel, share, sources } of SHARES) {
    if (!isShowcase && !draw.chance(share)) continue;
    const isDenied = !isShowcase && draw.chance(DENIED_SHARE);
    const sayMs = Math.min(createdMs + (channel === 'EMAIL' ? 0 : draw.moment(0, 20 * DAY_MS)), untilMs);
    record.state(channel, isDenied ? 'WITHDRAWN' : 'GRANTED', sayMs, draw.pick(sources));
    const isShown = isShowcase && channel === 'WEB';
    if (isDenied || !(isShown || (!isShowcase && draw.chance(WITHDRAWN_SHARE)))) continue;
    const withdrawnMs = draw.moment(sayMs + 1_000, Math.max(untilMs, sayMs + 2_000));
    if (withdrawnMs > untilMs) continue;
    record.state(channel, 'WITHDRAWN', withdrawnMs, 'preference-centre');
    const againMs = withdrawnMs + DAY_MS;
    const isAgain = isShown || draw.chance(GRANTED_AGAIN_SHARE);
    if (isAgain && againMs <= untilMs) record.state(channel, 'GRANTED', againMs, 'preference-centre');
  }
  if (!isShowcase && draw.chance(0.004)) {
    record.suppress('EMAIL', draw.pick(['COMPLAINT', 'MANUAL'] as const), draw.moment(createdMs, untilMs));
  }
  return record;
}
