// One batch in one transaction: what is known or old is left out, the rest has its effect, and all of it is remembered.
import { versionOf, type GraphEvent } from '../../contracts/event.ts';
import type { ConsumerDefinition, Need } from './definition.ts';
import type { Item } from './entityQueues.ts';
import type { ConsumeStore, ConsumeUnit, ParkedEvent } from './store.ts';

/**
 * What became of an item. `gap`: its predecessor is missing, nothing was done; `unfinished`: a part of its effect was, it
 * must come again.
 */
export type Outcome = 'applied' | 'duplicate' | 'stale' | 'gap' | 'unfinished' | 'parked';

/** Gives the name under which an event is known once it is applied. */
export function inboxKey({ source, id }: Pick<GraphEvent, 'source' | 'id'>): string {
  return `${source} ${id}`;
}

/** Gives the name under which the applied version of an event's entity is kept. */
export function versionKey({ source, tenantid, subject }: Pick<GraphEvent, 'source' | 'tenantid' | 'subject'>): string {
  return `${source} ${tenantid}:${subject}`;
}

/** Takes an item that is given up; gives what is kept of it. */
export function parkedEvent(consumer: string, item: Item, now: Date): ParkedEvent {
  const { event, park, topic, position, text, tries, version } = item;
  return {
    consumer,
    source: event?.source ?? '',
    id: event?.id ?? `${topic}:${position}`,
    type: event?.type ?? '',
    subject: event?.subject ?? '',
    version,
    tenantId: event?.tenantid ?? '',
    reason: park?.reason ?? 'malformed',
    message: park?.message ?? '',
    tries,
    text,
    topic,
    position,
    parkedAt: now,
  };
}

interface Judged {
  readonly item: Item;
  readonly event: GraphEvent;
  readonly need: Need;
  readonly applied: number;
  readonly isKnown: boolean;
}

function judge({ item, need, applied, isKnown }: Judged): Outcome {
  const { version, isForced } = item;
  const isAgain = isForced && need === 'newest' && version >= applied;
  if (isAgain) return 'applied';
  if (need === 'each') return isKnown ? 'duplicate' : 'applied';
  if (version <= applied) return version === applied ? 'duplicate' : 'stale';
  return need === 'newest' || version === applied + 1 ? 'applied' : 'gap';
}

/** Takes what is remembered of a batch's events; gives each with what is known of it. */
async function look<Session>(
  unit: ConsumeUnit<Session>,
  definition: ConsumerDefinition<Session>,
  items: readonly Item[],
): Promise<Judged[]> {
  const live = items.flatMap((item) =>
    item.park === undefined && item.event !== undefined ? [{ item, event: item.event }] : [],
  );
  if (live.length === 0) return [];
  const facts = live.filter(({ event }) => needOf(definition, event) === 'each');
  const known =
    facts.length === 0
      ? new Set<string>()
      : await unit.findKnown(
          definition.name,
          facts.map(({ event }) => inboxKey(event)),
        );
  const versioned = live.filter(({ event }) => needOf(definition, event) !== 'each');
  const versions =
    versioned.length === 0
      ? new Map<string, number>()
      : await unit.findVersions(
          definition.name,
          versioned.map(({ event }) => versionKey(event)),
        );
  return live.map(({ item, event }) => {
    const applied = versions.get(versionKey(event)) ?? 0;
    return { item, event, need: needOf(definition, event), applied, isKnown: known.has(inboxKey(event)) };
  });
}

/** An event of a type that the consumer does not name stands in the row of versions all the same. */
function needOf<Session>({ types }: ConsumerDefinition<Session>, event: GraphEvent): Need {
  return types[event.type]?.needs ?? 'predecessor';
}

/** What a consumer does with one batch, besides the items. */
export interface BatchWork<Session> {
  readonly definition: ConsumerDefinition<Session>;
  readonly store: ConsumeStore<Session>;
  readonly now: Date;
  /** Makes the sealed fields of events readable. */
  readonly unseal: (events: readonly GraphEvent[]) => Promise<readonly GraphEvent[]>;
}

async function applyEffects<Session>(
  work: BatchWork<Session>,
  { session }: ConsumeUnit<Session>,
  events: readonly GraphEvent[],
): Promise<Set<string>> {
  const { definition, now } = work;
  const effective = events.filter(({ type }) => Object.hasOwn(definition.types, type));
  const unfinished = new Set<string>();
  for (const [tenantId, own] of Map.groupBy(effective, ({ tenantid }) => tenantid)) {
    const left = await definition.apply({ session, tenantId, consumer: definition.name, now }, own);
    for (const id of left) unfinished.add(id);
  }
  return unfinished;
}

/** Takes 1 to BATCH_MAX items, at most one an entity; gives what became of each. Rejects where nothing was done. */
export async function applyBatch<Session>(work: BatchWork<Session>, items: readonly Item[]): Promise<Outcome[]> {
  const { definition, store, now } = work;
  return store.transact(async (unit) => {
    const judged = await look(unit, definition, items);
    const outcomes = new Map<Item, Outcome>(judged.map((each) => [each.item, judge(each)]));
    const effective = judged.filter(({ item }) => outcomes.get(item) === 'applied');
    // In the transaction, anew for each try: one that is tried for long must not write of a person forgotten meanwhile.
    const unsealed = await work.unseal(effective.map(({ event }) => event));
    const unfinished = await applyEffects(work, unit, unsealed);
    for (const { item, event } of effective) if (unfinished.has(event.id)) outcomes.set(item, 'unfinished');
    const applied = effective.filter(({ event }) => !unfinished.has(event.id));
    const parked = items.filter(({ park }) => park !== undefined);
    await unit.remember(definition.name, {
      // An entity's version tells its repeats by itself: only facts of their own need a row each.
      inbox: applied.filter(({ need }) => need === 'each').map(({ event }) => inboxKey(event)),
      versions: new Map(
        applied.flatMap(({ event, need }) => (need === 'each' ? [] : [[versionKey(event), versionOf(event)]])),
      ),
      parked: parked.map((item) => parkedEvent(definition.name, item, now)),
    });
    return items.map((item) => outcomes.get(item) ?? 'parked');
  });
}
