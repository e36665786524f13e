// The admin schema: what can be asked of keys and done to them. Plain graphql-js; its resolvers hand everything to the
// key office, whose rules the command line follows too. No field gives a hash, and a key's text is in one answer alone.
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { ScopeError } from '../../contracts/scope.ts';
import type { CallerLimits } from '../caller.ts';
import type { AuditEntry, AuditLog } from '../identify/audit.ts';
import type { KeyEnvironment } from '../identify/apiKey.ts';
import type { KeyOffice } from '../identify/keyOffice.ts';
import type { ChangedWithSecret, KeySettings, NewSettings } from '../identify/keyLifecycle.ts';
import type { KeyStore } from '../identify/keyStore.ts';
import { KeyRefusal } from '../identify/keyWishes.ts';
import { showRecord, type ShownKey } from '../identify/shownKey.ts';
import type { Clock } from '../../platform/clock.ts';

/** The schema; moments are texts in ISO 8601. */
export const ADMIN_SCHEMA: GraphQLSchema = buildSchema(`
enum Environment { live test }
enum Denial { refuse filter }
enum Status { active expired revoked }
type Limits { pointsPerSecond: Int! pointsBurst: Int! requestsPerSecond: Int! concurrentRequestsMax: Int! pointsPerDay: Int }
input LimitsInput { pointsPerSecond: Int! pointsBurst: Int! requestsPerSecond: Int! concurrentRequestsMax: Int! pointsPerDay: Int }
type Secret { shown: String! createdAt: String! endsAt: String }
type Key {
  id: ID! env: Environment! status: Status! owner: String! purpose: String! scopes: [String!]! contract: String
  denial: Denial! registeredOnly: Boolean! networks: [String!]! limits: Limits! secrets: [Secret!]! version: Int!
  createdAt: String! createdBy: String! expiresAt: String! revokedAt: String revokedReason: String
  lastUsedAt: String lastUsedFrom: String
}
type KeyWithText {
  "The whole key: in this answer and nowhere else."
  text: String!
  key: Key!
}
type AuditEntry {
  sequence: Int! at: String! actor: String! action: String! keyId: ID! keyVersion: Int! reason: String change: String!
  previousHash: String! hash: String!
}
input KeyInput {
  env: Environment! = live owner: String! purpose: String! scopes: [String!]! contract: String denial: Denial! = refuse
  registeredOnly: Boolean! = true networks: [String!]! = [] limits: LimitsInput! expiresAt: String!
}
"What is left out stays; contract: null takes the contract away."
input KeyChange {
  owner: String purpose: String scopes: [String!] contract: String denial: Denial registeredOnly: Boolean
  networks: [String!] limits: LimitsInput expiresAt: String
}
type Query {
  keys: [Key!]!
  key(id: ID!): Key
  "The latest entries, the newest first; at most 1,000."
  audit(keyId: ID, last: Int! = 50): [AuditEntry!]!
}
type Mutation {
  createKey(input: KeyInput!, reason: String): KeyWithText!
  "overlapSeconds: how long the old secret works on; 0 ends it at once."
  rotateKey(id: ID!, overlapSeconds: Int! = 604800, reason: String): KeyWithText!
  setKey(id: ID!, change: KeyChange!, reason: String): Key!
  revokeKey(id: ID!, reason: String!): Key!
}`);

/** What the resolvers work with. */
export interface AdminRootParts {
  readonly office: KeyOffice;
  readonly store: KeyStore;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

const AUDIT_ENTRIES_MAX = 1_000;
const ACTOR = 'admin';

type GivenLimits = Omit<CallerLimits, 'pointsPerDay'> & { readonly pointsPerDay?: number | null };
/** Settings as GraphQL gives them: null for what was said to be nothing. */
type Given = { readonly [K in Exclude<keyof KeySettings, 'limits' | 'expiresAt'>]?: KeySettings[K] | null } & {
  readonly limits?: GivenLimits | null;
  readonly expiresAt?: string | null;
};
interface Reasoned {
  readonly reason?: string | null;
}

function readMoment(text: string): Date {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new KeyRefusal('expiresAt is a moment as 2027-01-31T00:00:00Z');
  return moment;
}

function readLimits(limits: GivenLimits): CallerLimits {
  return { ...limits, pointsPerDay: limits.pointsPerDay ?? undefined };
}

function readChange({ contract, limits, expiresAt, ...given }: Given): NewSettings {
  const rest = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  return {
    ...rest,
    ...(contract !== undefined && { contract: contract ?? undefined }),
    ...(limits && { limits: readLimits(limits) }),
    ...(expiresAt && { expiresAt: readMoment(expiresAt) }),
  };
}

/** A refusal is told in full to whoever holds the credential; a fault stays inside. */
async function told<R>(task: () => Promise<R>): Promise<R> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof KeyRefusal) && !(error instanceof ScopeError)) throw error;
    throw new GraphQLError(error.message, { extensions: { code: 'KEY_REFUSED' } });
  }
}

const asker = ({ reason }: Reasoned): { actor: string; reason: string | undefined } => {
  return { actor: ACTOR, reason: reason ?? undefined };
};

function showEntry(entry: AuditEntry): object {
  return { ...entry, at: entry.at.toISOString(), reason: entry.reason ?? null };
}

/** Takes its parts; gives the resolvers of both roots. */
export function openAdminRoot({ office, store, audit, clock }: AdminRootParts): object {
  const withText = ({ key, text }: ChangedWithSecret): object => ({ text, key: showRecord(key, clock.now()) });
  const find = async (id: string): Promise<ShownKey | undefined> => {
    const key = await store.find(id);
    return key && showRecord(key, clock.now());
  };
  return {
    keys: async () => (await store.list()).map((key) => showRecord(key, clock.now())),
    key: ({ id }: { id: string }) => find(id),
    audit: async ({ keyId, last }: { keyId?: string | null; last: number }) =>
      (await audit.latest(Math.min(Math.max(last, 1), AUDIT_ENTRIES_MAX), keyId ?? undefined)).map(showEntry),
    createKey: (given: Reasoned & { input: Required<Given> & { env: KeyEnvironment; expiresAt: string } }) =>
      told(async () => {
        const { env, ...settings } = given.input;
        // The schema requires all but the contract.
        const whole = { contract: undefined, ...readChange(settings) } as KeySettings;
        return withText(await office.create(env, whole, asker(given)));
      }),
    rotateKey: (given: Reasoned & { id: string; overlapSeconds: number }) =>
      told(async () => withText(await office.rotate(given.id, given.overlapSeconds * 1_000, asker(given)))),
    setKey: (given: Reasoned & { id: string; change: Given }) =>
      told(async () =>
        showRecord((await office.set(given.id, readChange(given.change), asker(given))).key, clock.now()),
      ),
    revokeKey: (given: Reasoned & { id: string }) =>
      told(async () => showRecord((await office.revoke(given.id, asker(given))).key, clock.now())),
  };
}
