// Keys for tests of a running graph: made by the same rules as an operator's, in the same database as the gateway's.
import { systemClock } from '../../platform/clock.ts';
import { readConfig } from '../../platform/config.ts';
import { drawSecret } from '../../platform/random.ts';
import { KeyOffice, type Asker } from '../../gateway/identify/keyOffice.ts';
import type { KeyEnvironment } from '../../gateway/identify/apiKey.ts';
import type { ChangedWithSecret, KeySettings } from '../../gateway/identify/keyLifecycle.ts';
import { openKeysDatabase, peppersOf } from '../../gateway/identify/openKeys.ts';

/** Peppers for a test's gateway, as the setting CRM_KEY_PEPPERS has them. */
export function drawPeppers(): string {
  return `1=${drawSecret(32)}`;
}

/** Manages the keys of a test's gateway. */
export interface TestKeys {
  readonly office: KeyOffice;
  /** Makes a key; gives its text. What a test does not say is generous. */
  create(settings: Partial<KeySettings> & Pick<KeySettings, 'scopes'>): Promise<string>;
  /** The texts of all keys that were made so far: what no part may keep, write or answer. */
  texts(): readonly string[];
  stop: () => Promise<void>;
}

/** Knows every key that it gave out. */
class RememberingOffice extends KeyOffice {
  readonly texts: string[] = [];

  override async create(env: KeyEnvironment, settings: KeySettings, asker: Asker): Promise<ChangedWithSecret> {
    return this.#remember(await super.create(env, settings, asker));
  }

  override async rotate(id: string, overlapMs: number, asker: Asker): Promise<ChangedWithSecret> {
    return this.#remember(await super.rotate(id, overlapMs, asker));
  }

  #remember(made: ChangedWithSecret): ChangedWithSecret {
    this.texts.push(made.text);
    return made;
  }
}

const DAY_MS = 86_400_000;
const LIMITS = {
  pointsPerSecond: 1_000_000,
  pointsBurst: 1_000_000,
  requestsPerSecond: 100_000,
  concurrentRequestsMax: 10_000,
  pointsPerDay: undefined,
};

/** Takes a gateway's settings, the scopes that are known and what tells of changed keys; opens the keys of it. */
export async function openTestKeys(
  env: Readonly<Record<string, string>>,
  known: readonly string[],
  announce: (id: string, version: number) => Promise<void> = () => Promise.resolve(),
): Promise<TestKeys> {
  const config = readConfig([], env);
  const peppers = peppersOf(config);
  const database = await openKeysDatabase(config, systemClock);
  const { store, audit } = database;
  const office = new RememberingOffice({
    ...{ store, audit, peppers, clock: systemClock },
    announce,
    granting: () => ({ known: [...known], held: undefined }),
  });
  return {
    office,
    async create(settings) {
      const expiresAt = new Date(Date.now() + 100 * DAY_MS);
      const plain = {
        owner: 'a test',
        purpose: 'testing',
        contract: undefined,
        denial: 'refuse',
        networks: [],
      } as const;
      const given = { ...plain, registeredOnly: false, limits: LIMITS, expiresAt, ...settings };
      return (await office.create('test', given, { actor: 'test:harness', reason: 'a test' })).text;
    },
    texts: () => office.texts,
    stop: () => database.stop(),
  };
}
