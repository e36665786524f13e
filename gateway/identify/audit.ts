// The audit log of keys: append-only, each entry with the hash of the one before, so that a changed, removed or inserted
// entry breaks the chain behind it. Entries hold no secrets.
import { createHash } from 'node:crypto';

/** What happened to a key. `leak`: it was reported as leaked; `deny`: a gateway refused it, where that is noted. */
export type AuditAction =
  | 'create'
  | 'rotate'
  | 'revoke'
  | 'scope'
  | 'contract'
  | 'limits'
  | 'networks'
  | 'expire'
  | 'details'
  | 'leak'
  | 'deny';

/** An entry before it has its place in the chain. */
export interface AuditDraft {
  readonly at: Date;
  /** Who did it, as `cli:anna`. */
  readonly actor: string;
  readonly action: AuditAction;
  readonly keyId: string;
  /** The version of the key that came of it: the last one in the log is the one in the store. */
  readonly keyVersion: number;
  readonly reason: string | undefined;
  /** What changed, as JSON. */
  readonly change: string;
}

/** An entry of the log. */
export interface AuditEntry extends AuditDraft {
  /** 1 for the first; without gaps. */
  readonly sequence: number;
  readonly previousHash: string;
  /** SHA-256 over all of the above, hexadecimal. */
  readonly hash: string;
}

/** Which entries are asked for. */
export interface AuditQuery {
  readonly keyId?: string;
  /** Entries behind this one alone. */
  readonly afterSequence?: number;
  /** At most so many, the first of them. */
  readonly entriesMax?: number;
}

/** The port of the audit log. Entries of changes are appended by the key store, in the change's own transaction. */
export interface AuditLog {
  /** Appends entries that belong to no change, all or none. */
  append(drafts: readonly AuditDraft[]): Promise<void>;
  /** The entries asked for, in their order. */
  read(query?: AuditQuery): AsyncIterable<AuditEntry>;
  /** The latest entries, the newest first. */
  latest(entriesMax: number, keyId?: string): Promise<readonly AuditEntry[]>;
}

/** What stands before the first entry. */
const BEGINNING_HASH = '0'.repeat(64);

function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { sequence, at, actor, action, keyId, keyVersion, reason, change, previousHash } = entry;
  const fields = [sequence, at.toISOString(), actor, action, keyId, keyVersion, reason ?? null, change, previousHash];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** Takes drafts and the last entry there is; gives the entries that come behind it. */
export function chainEntries(
  drafts: readonly AuditDraft[],
  last: Pick<AuditEntry, 'sequence' | 'hash'> | undefined,
): AuditEntry[] {
  let sequence = last?.sequence ?? 0;
  let previousHash = last?.hash ?? BEGINNING_HASH;
  return drafts.map((draft) => {
    sequence += 1;
    const unhashed = { ...draft, sequence, previousHash };
    const entry = { ...unhashed, hash: hashOf(unhashed) };
    previousHash = entry.hash;
    return entry;
  });
}

/** How a verification ended. */
export interface AuditVerdict {
  readonly entries: number;
  /** The last entry: kept elsewhere, it proves later that nothing was cut off the end. */
  readonly head: { readonly sequence: number; readonly hash: string } | undefined;
  /** One sentence each; none where the chain is whole. Behind a broken link each further break is told as well. */
  readonly faults: readonly string[];
  /** The last version that the log knows of each key. */
  readonly keyVersions: ReadonlyMap<string, number>;
}

const FAULTS_MAX = 100;

/** Takes all entries in their order, and perhaps a head that was kept; gives what is wrong with the chain. */
export async function verifyAudit(
  entries: AsyncIterable<AuditEntry>,
  kept?: { readonly sequence: number; readonly hash: string },
): Promise<AuditVerdict> {
  const faults: string[] = [];
  const keyVersions = new Map<string, number>();
  let head: AuditVerdict['head'];
  let count = 0;
  let isKeptSeen = false;
  for await (const entry of entries) {
    const name = `entry ${entry.sequence}`;
    const sequence = (head?.sequence ?? 0) + 1;
    if (entry.sequence !== sequence) faults.push(`${name} stands where entry ${sequence} belongs`);
    if (entry.previousHash !== (head?.hash ?? BEGINNING_HASH)) faults.push(`${name} does not follow the one before it`);
    if (entry.hash !== hashOf(entry)) faults.push(`${name} was changed after it was written`);
    if (entry.sequence === kept?.sequence) isKeptSeen = entry.hash === kept.hash;
    keyVersions.set(entry.keyId, Math.max(entry.keyVersion, keyVersions.get(entry.keyId) ?? 0));
    head = { sequence: entry.sequence, hash: entry.hash };
    count += 1;
    if (faults.length >= FAULTS_MAX) break;
  }
  if (kept !== undefined && !isKeptSeen) faults.push(`entry ${kept.sequence} is not the one that was kept, or is gone`);
  return { entries: count, head, faults, keyVersions };
}

/** Takes a verdict and the keys of the store; gives a sentence for each key that differs from the log. */
export function compareWithKeys(
  { keyVersions }: AuditVerdict,
  keys: readonly { readonly id: string; readonly version: number }[],
): string[] {
  const stored = new Map(keys.map(({ id, version }) => [id, version]));
  const ids = new Set([...stored.keys(), ...keyVersions.keys()]);
  return [...ids].flatMap((id) => {
    const [inStore, inLog] = [stored.get(id), keyVersions.get(id)];
    if (inStore === inLog) return [];
    if (inStore === undefined) return [`key ${id} is in the log and not in the store`];
    if (inLog === undefined) return [`key ${id} is in the store and not in the log`];
    return [`key ${id} has version ${inStore} in the store and ${inLog} in the log`];
  });
}
