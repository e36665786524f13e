import fc from 'fast-check';
import { openHandClock } from '../../test/harness/handClock.ts';
import { callerAt } from '../../test/harness/requestStates.ts';
import { OPEN_CALLER, type Caller } from '../caller.ts';
import type { CacheRule } from '../compiledOperation.ts';
import type { AskedEntities, EntityCache, FoundEntities } from '../fetch/entityCache.ts';
import { SILENT_OBSERVER } from '../observe/observer.ts';
import { openCaching } from './entityCaching.ts';
import { droppedBy } from './entityTags.ts';
import { openMemoryStore, type MemoryStoreOptions } from './memoryStore.ts';

const RULE: CacheRule = {
  mark: '{id orders{id}}',
  maxAgeMs: 60_000,
  isPrivate: false,
  changedBy: ['Segment'],
  ids: { keys: ['id'], inner: [['orders', { keys: ['id'], inner: [] }]] },
};

function openWorld(more: Partial<MemoryStoreOptions> = {}) {
  const clock = openHandClock();
  const store = openMemoryStore({ clock, entriesMax: 1_000, bytesMax: 1_000_000, tagsMax: 1_000, ...more });
  const fresh = new Set(['customers', 'orders']);
  const isFresh = (subgraph: string): boolean => fresh.has(subgraph);
  const ofGraph = openCaching({ store, tenantId: 'main', observer: SILENT_OBSERVER.entityCache, isFresh });
  const cache = ofGraph('hash');
  const asked = (id: string, more: Partial<AskedEntities> = {}, caller: Caller = OPEN_CALLER): AskedEntities => {
    const { state } = callerAt(clock, { caller });
    const texts = [`{"__typename":"Customer","id":"${id}"}`];
    return { subgraph: 'customers', rule: RULE, variables: '', texts, state, ...more };
  };
  /** The first of the keys is what the event is about. */
  const drop = (keys: string, source = 'customers'): void => {
    const subject = keys.split(' ')[0]?.split(':')[1] ?? '';
    store.drop({ tags: droppedBy({ entitykeys: keys, subject }), source, id: undefined }, () => undefined);
  };
  return { clock, store, fresh, cache, ofGraph, asked, drop };
}

function find(cache: EntityCache, asked: AskedEntities): FoundEntities {
  const found: FoundEntities[] = [];
  cache.find(asked, (each) => void found.push(each));
  const [only, ...more] = found;
  if (only === undefined || more.length > 0) throw new Error('the memory answers at once, and once');
  return only;
}

/** Looks an entity up and keeps a value; gives whether it is found then. */
function keepAndFind(cache: EntityCache, asked: AskedEntities, value: unknown): boolean {
  const { ticket } = find(cache, asked);
  if (ticket !== undefined) cache.keep(asked, [value], ticket);
  return find(cache, asked).values[0] !== undefined;
}

const ANNA = { id: 'cus_anna01', name: 'Anna', orders: [{ id: 'ord_000001' }] };

describe('a kept entity', () => {
  it('is found again, word for word', () => {
    const { cache, asked } = openWorld();
    expect(keepAndFind(cache, asked('cus_anna01'), ANNA)).toBe(true);
    expect(find(cache, asked('cus_anna01')).values).toEqual([JSON.stringify(ANNA)]);
    expect(find(cache, asked('cus_bert01')).values).toEqual([undefined]);
  });

  it.each([
    ['itself', 'Customer:cus_anna01', false],
    ['an entity within it', 'Order:ord_000001', false],
    ['any entity of a type that it depends on', 'Segment:seg_000001', false],
    ['another entity', 'Customer:cus_bert01 Order:ord_000002 Segment:seg_000001', true],
  ])('is dropped by an event about %s', (_, keys, isKept) => {
    const { cache, asked, drop } = openWorld();
    keepAndFind(cache, asked('cus_anna01'), ANNA);
    drop(keys);
    expect(find(cache, asked('cus_anna01')).values[0] !== undefined).toBe(isKept);
  });

  it('is not kept from an answer that was asked for before the drop', () => {
    const { cache, asked, drop } = openWorld();
    const { ticket = -1 } = find(cache, asked('cus_anna01'));
    drop('Order:ord_000001');
    cache.keep(asked('cus_anna01'), [ANNA], ticket);
    expect(find(cache, asked('cus_anna01')).values).toEqual([undefined]);
  });

  it('is not kept from an answer older than what is remembered of drops', () => {
    const { cache, asked, drop } = openWorld({ tagsMax: 4 });
    const { ticket = -1 } = find(cache, asked('cus_anna01'));
    for (let at = 0; at < 10; at++) drop(`Product:prd_00000${at}`);
    cache.keep(asked('cus_anna01'), [ANNA], ticket);
    expect(find(cache, asked('cus_anna01')).values).toEqual([undefined]);
  });

  it('of a subgraph that holds copies is kept again when these had 10 s to follow', () => {
    const { cache, asked, drop, clock } = openWorld();
    drop('Order:ord_000001', 'orders');
    expect(keepAndFind(cache, asked('cus_anna01'), ANNA)).toBe(false);
    clock.pass(10_000);
    expect(keepAndFind(cache, asked('cus_anna01'), ANNA)).toBe(true);
  });

  it('of a subgraph that holds copies waits for them though another subgraph, or itself, drops it meanwhile', () => {
    const { cache, asked, drop, clock } = openWorld();
    drop('Order:ord_000001', 'orders');
    clock.pass(5_000);
    drop('Order:ord_000001');
    drop('Order:ord_000001');
    expect(keepAndFind(cache, asked('cus_anna01'), ANNA)).toBe(false);
    clock.pass(5_000);
    expect(keepAndFind(cache, asked('cus_anna01'), ANNA)).toBe(true);
  });

  it('ends with its time', () => {
    const { cache, asked, clock } = openWorld();
    keepAndFind(cache, asked('cus_anna01'), ANNA);
    clock.pass(RULE.maxAgeMs);
    expect(find(cache, asked('cus_anna01')).values).toEqual([undefined]);
  });

  it('is passed by while the events of its subgraph are silent', () => {
    const { cache, asked, fresh } = openWorld();
    keepAndFind(cache, asked('cus_anna01'), ANNA);
    fresh.delete('customers');
    expect(find(cache, asked('cus_anna01'))).toEqual({ values: [], ticket: undefined });
  });

  it('is forgotten with all of its subgraph, and with nothing of another', () => {
    const { cache, asked, store } = openWorld();
    keepAndFind(cache, asked('cus_anna01'), ANNA);
    keepAndFind(cache, asked('cus_anna01', { subgraph: 'orders' }), ANNA);
    store.forget('customers');
    expect(find(cache, asked('cus_anna01')).values).toEqual([undefined]);
    expect(find(cache, asked('cus_anna01', { subgraph: 'orders' })).values).toHaveLength(1);
  });

  it('is dropped for everybody as soon as a mutation that names it is answered', () => {
    const { cache, asked } = openWorld();
    keepAndFind(cache, asked('cus_anna01'), ANNA);
    let isDone = false;
    cache.noteWrite('customers', ['{"variables":{"id":"cus_anna01"}}', '{"data":{}}'], () => (isDone = true));
    expect([isDone, find(cache, asked('cus_anna01')).values]).toEqual([true, [undefined]]);
  });

  it.each([
    ['null', null],
    ['a text', 'x'],
    ['a list', [ANNA]],
    ['an entity that nobody can name', { name: 'Anna' }],
  ])('is never %s', (_, value) => {
    const { cache, asked } = openWorld();
    expect(keepAndFind(cache, asked('cus_anna01'), value)).toBe(false);
  });

  it('is never an answer of root fields with a null in it', () => {
    const { cache, asked } = openWorld();
    const rule = { ...RULE, ids: { keys: [], inner: [['customer', RULE.ids] as const] } };
    const root = asked('', { texts: [''], rule });
    expect(keepAndFind(cache, root, { customer: ANNA, other: null })).toBe(false);
    expect(keepAndFind(cache, root, { customer: ANNA })).toBe(true);
  });
});

describe('what tells kept entities apart', () => {
  const caller = (more: Partial<Caller>): Caller => ({ ...OPEN_CALLER, ...more });
  const base = caller({ rights: 'a', scopes: new Set(['customers:read']) });
  it.each<[string, Caller, Partial<AskedEntities>, boolean]>([
    ['nothing', caller({ ...base, id: 'key:other' }), {}, true],
    ['scopes', caller({ ...base, scopes: new Set(['customers:read', 'customers:read:pii']) }), {}, false],
    ['the contract', caller({ ...base, contract: 'partner' }), {}, false],
    ['rights', caller({ ...base, rights: 'b' }), {}, false],
    ['the selection', base, { rule: { ...RULE, mark: '{id}' } }, false],
    ['the values of variables', base, { variables: 'first:5,' }, false],
    ['the subgraph', base, { subgraph: 'orders' }, false],
    ['what is required', base, { texts: ['{"__typename":"Customer","id":"cus_anna01","zip":"1"}'] }, false],
  ])('is %s', (_, other, more, isFound) => {
    const { cache, asked } = openWorld();
    keepAndFind(cache, asked('cus_anna01', {}, base), ANNA);
    expect(find(cache, asked('cus_anna01', more, other)).values[0] !== undefined).toBe(isFound);
  });

  it('is the caller, where the type is private', () => {
    const { cache, asked } = openWorld();
    const rule = { ...RULE, isPrivate: true };
    keepAndFind(cache, asked('cus_anna01', { rule }, base), ANNA);
    const other = caller({ ...base, id: 'key:other' });
    expect(find(cache, asked('cus_anna01', { rule }, base)).values[0]).toBeDefined();
    expect(find(cache, asked('cus_anna01', { rule }, other)).values[0]).toBeUndefined();
  });

  it('is the supergraph, and headers that are passed on', () => {
    const { cache, ofGraph, asked } = openWorld();
    keepAndFind(cache, asked('cus_anna01'), ANNA);
    expect(find(ofGraph('another'), asked('cus_anna01')).values[0]).toBeUndefined();
    const told = asked('cus_anna01');
    const passed = { ...told, state: { ...told.state, passed: { 'accept-language': 'de' } } };
    expect(find(cache, passed).values[0]).toBeUndefined();
  });
});

/** What happens to one of four entities: it is written, its event comes, a read begins, a read's fetch reads or ends. */
const STEP = fc.record({
  kind: fc.constantFrom('write', 'mutate', 'event', 'read', 'fetch', 'answer', 'forget'),
  which: fc.nat(3),
});

/** Entities that are written, told of and read in any order. */
class Interleaving {
  readonly world: ReturnType<typeof openWorld>;
  isStale = false;
  private readonly stored = [0, 0, 0, 0];
  private readonly acknowledged = [0, 0, 0, 0];
  private readonly events: { which: number; version: number }[] = [];
  private readonly reads: { which: number; ticket: number; version: number | undefined }[] = [];

  constructor(tagsMax: number) {
    this.world = openWorld({ tagsMax });
  }

  private idOf(which: number): string {
    return `cus_00000${which}`;
  }

  write(which: number): void {
    const version = (this.stored[which] ?? 0) + 1;
    this.stored[which] = version;
    this.events.push({ which, version });
  }

  mutate(which: number): void {
    this.write(which);
    this.world.cache.noteWrite('customers', [this.idOf(which)], () => undefined);
    this.acknowledged[which] = this.stored[which] ?? 0;
  }

  event(): void {
    const event = this.events.shift();
    if (event === undefined) return;
    this.world.drop(`Customer:${this.idOf(event.which)}`);
    this.acknowledged[event.which] = Math.max(this.acknowledged[event.which] ?? 0, event.version);
  }

  read(which: number): void {
    const { cache, asked } = this.world;
    const { values, ticket } = find(cache, asked(this.idOf(which)));
    const [text] = values;
    if (text === undefined) {
      if (ticket !== undefined) this.reads.push({ which, ticket, version: undefined });
    } else if ((JSON.parse(text) as { version: number }).version < (this.acknowledged[which] ?? 0)) this.isStale = true;
  }

  fetch(which: number): void {
    for (const read of this.reads) if (read.which === which) read.version ??= this.stored[which] ?? 0;
  }

  answer(): void {
    const at = this.reads.findIndex(({ version }) => version !== undefined);
    const [read] = at < 0 ? [] : this.reads.splice(at, 1);
    if (read === undefined) return;
    const id = this.idOf(read.which);
    this.world.cache.keep(this.world.asked(id), [{ id, version: read.version }], read.ticket);
  }

  forget(): void {
    this.world.store.forget('customers');
  }
}

describe('the order of things', () => {
  it('never gives a read that starts after an event came an older value, whatever comes when', () => {
    fc.assert(
      fc.property(
        fc.array(STEP, { minLength: 10, maxLength: 200 }),
        fc.integer({ min: 1, max: 9 }),
        (steps, tagsMax) => {
          const run = new Interleaving(tagsMax);
          for (const { kind, which } of steps) run[kind](which);
          return !run.isStale;
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the memory of kept entities', () => {
  it('stays within its bounds, whatever is kept', () => {
    const { cache, asked, store } = openWorld({ entriesMax: 50, bytesMax: 20_000 });
    for (let at = 0; at < 500; at++) keepAndFind(cache, asked(`cus_${100_000 + at}`), { ...ANNA, at });
    const { entries, bytes } = store.size();
    expect(entries).toBeGreaterThan(5);
    expect(entries).toBeLessThanOrEqual(50);
    expect(bytes).toBeLessThanOrEqual(20_000);
  });
});
