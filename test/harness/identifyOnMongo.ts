// The identify step before the real key store, with a clock that a test moves by hand; counts what reaches the store.
import { KeyOffice } from '../../gateway/identify/keyOffice.ts';
import type { KeySettings } from '../../gateway/identify/keyLifecycle.ts';
import { openMongoKeys } from '../../gateway/identify/mongoKeys.ts';
import { openIdentify, type Identify } from '../../gateway/identify/openIdentify.ts';
import type { RequestHead } from '../../gateway/identify/readCredential.ts';
import type { RevocationFeed } from '../../gateway/identify/revocations.ts';
import { drawId } from '../../platform/random.ts';
import { openHandClock, type HandClock } from './handClock.ts';
import { NO_LOG } from './identifyParts.ts';
import { keyWish, TEST_PEPPERS } from './keyWish.ts';
import { openTestDatabase } from './testDatabase.ts';

/** Who asks in tests. */
export const TEST_ASKER = { actor: 'cli:test', reason: 'a test' };

/** The step, its clock, and where keys are managed. */
export interface IdentifyOnMongo {
  readonly clock: HandClock;
  readonly identify: Identify;
  readonly office: KeyOffice;
  /** Ids that the store was asked for. */
  readonly lookups: string[];
  create(more?: Partial<KeySettings>): Promise<string>;
  /** Gives the code of the refusal, or the kind of the caller. */
  ask(head: RequestHead): Promise<string>;
  stop(): Promise<void>;
}

/** Opens all of it on a database of its own. */
export async function openIdentifyOnMongo(): Promise<IdentifyOnMongo> {
  const clock = openHandClock();
  const server = await openTestDatabase();
  const keys = await openMongoKeys({ uri: server.uri, database: `t${drawId().slice(0, 8)}_gateway`, clock });
  const { store } = keys;
  const lookups: string[] = [];
  const listeners = new Set<(id: string, version: number) => void>();
  const feed: RevocationFeed = {
    onChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce(id, version) {
      for (const listener of listeners) listener(id, version);
      return Promise.resolve();
    },
    isUp: () => true,
  };
  const counting = {
    changedSince: (moment: Date) => store.changedSince(moment),
    noteUses: (uses: Parameters<typeof store.noteUses>[0]) => store.noteUses(uses),
    find(id: string) {
      lookups.push(id);
      return store.find(id);
    },
  };
  const identify = openIdentify({
    ...{ store: counting, peppers: TEST_PEPPERS, feed, people: undefined, clock, log: NO_LOG },
  });
  const office = new KeyOffice({
    ...{ store, audit: keys.audit, peppers: TEST_PEPPERS, clock },
    announce: (id, version) => feed.announce(id, version),
    granting: () => ({ known: undefined, held: undefined }),
  });
  return {
    ...{ clock, identify, office, lookups },
    create: async (more = {}) => (await office.create('test', keyWish(clock.now(), more), TEST_ASKER)).text,
    async ask(head) {
      const outcome = await identify.authenticate(head);
      return 'refused' in outcome ? outcome.refused : outcome.kind;
    },
    async stop() {
      await identify.stop();
      await keys.stop();
      await server.stop();
    },
  };
}
