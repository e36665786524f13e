// Segments with rules over audience profiles, and their members: those whom marketing's own rules select, so that the
// memberships here are those a refresh would find.
import { externalKeyOf } from '../../subgraphs/kit/read/readReference.ts';
import type {
  AudienceProfileDocument,
  SegmentDocument,
  SegmentMembershipDocument,
  StoredRule,
} from '../../subgraphs/marketing/documents.ts';
import { selects } from '../../subgraphs/marketing/rules/selects.ts';
import { externalRefAt, idAt, idOfCustomers, sharedFields, type World } from './world.ts';

const DAY_MS = 86_400_000;
const DEFINED_DAYS = 800;

function dayBefore({ untilMs }: World, days: number): string {
  return new Date(untilMs - days * DAY_MS).toISOString();
}

/** None selects more than a tenth: marketing refreshes segments of at most 10,000 members. */
function rulesOf(world: World): readonly (readonly [string, StoredRule])[] {
  return [
    ['Top spenders', { lifetimeValueMinorGte: 300_000 }],
    ['Loyal buyers', { orderCountGte: 12 }],
    ['Bought lately', { lastOrderSince: dayBefore(world, 21), consent: 'EMAIL' }],
    ['Lapsed regulars', { orderCountGte: 4, lastOrderBefore: dayBefore(world, 365) }],
    ['VIP by text message', { lifetimeValueMinorGte: 100_000, consent: 'SMS' }],
    [
      'Valuable but unreachable',
      { lifetimeValueMinorGte: 80_000, not: { or: [{ consent: 'EMAIL' }, { consent: 'SMS' }] } },
    ],
    ['App fans', { consent: 'PUSH', and: [{ orderCountGte: 4 }, { lastOrderSince: dayBefore(world, 180) }] }],
    [
      'Win back',
      {
        lastOrderBefore: dayBefore(world, 240),
        lastOrderSince: dayBefore(world, 365),
        or: [{ orderCountGte: 3 }, { lifetimeValueMinorGte: 60_000 }],
      },
    ],
  ];
}

/** Gives the segments; their member counts are 0 until the customers are there. */
export function makeSegments(world: World): SegmentDocument[] {
  return rulesOf(world).map(([name, rule], number) => {
    const externalRef = externalRefAt(world, 'S', number);
    return {
      _id: idAt(world, 'seg', number),
      ...sharedFields(world, world.untilMs - (DEFINED_DAYS - number) * DAY_MS),
      externalRef,
      externalKey: externalKeyOf(externalRef),
      name,
      rule,
      memberCount: 0,
      refreshedAt: new Date(world.untilMs),
    };
  });
}

/** Takes the segments, a customer's number and profile; gives its memberships. */
export function makeMemberships(
  world: World,
  segments: readonly SegmentDocument[],
  { number, profile }: { number: number; profile: AudienceProfileDocument },
): SegmentMembershipDocument[] {
  return segments.flatMap(({ _id: segmentId, rule }, place) => {
    if (!selects(rule, profile)) return [];
    const { tenantId, customerId } = profile;
    const since = new Date(world.untilMs);
    return [{ _id: idOfCustomers(world, 'sgm', number, place), tenantId, segmentId, customerId, since }];
  });
}
