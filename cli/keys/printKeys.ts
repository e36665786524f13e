// How keys and their audit log look on a terminal: aligned columns for lists, a line a fact for one key.
import type { AuditEntry } from '../../gateway/identify/audit.ts';
import type { ShownKey } from '../../gateway/identify/shownKey.ts';
import { alignColumns } from '../alignColumns.ts';

function day(moment: string | null): string {
  return moment?.slice(0, 10) ?? '–';
}

function minute(moment: string): string {
  return moment.slice(0, 16).replace('T', ' ');
}

/** Gives a list of keys for people. */
export function printKeyList(keys: readonly ShownKey[]): string {
  if (keys.length === 0) return 'There are no keys. Make one: crm-graph keys create --help\n';
  const rows = keys.map((key) => [
    key.id,
    key.env,
    key.status,
    key.owner,
    key.contract ?? '–',
    day(key.expiresAt),
    key.lastUsedAt === null ? 'never' : minute(key.lastUsedAt),
    key.scopes.join(' '),
  ]);
  return alignColumns([['ID', 'ENV', 'STATUS', 'OWNER', 'CONTRACT', 'EXPIRES', 'LAST USED', 'SCOPES'], ...rows]);
}

/** Gives all that may be shown of one key, for people. */
export function printKey(key: ShownKey): string {
  const { limits } = key;
  const facts: [string, string][] = [
    ['id', key.id],
    ['status', key.revokedAt === null ? key.status : `revoked ${minute(key.revokedAt)}: ${key.revokedReason ?? ''}`],
    ['environment', key.env],
    ['owner', key.owner],
    ['purpose', key.purpose],
    ['scopes', key.scopes.join(' ') || 'none'],
    ['contract', key.contract ?? 'none: the whole graph'],
    ['denial', key.denial],
    ['operations', key.registeredOnly ? 'registered ones only' : 'any'],
    ['networks', key.networks.join(' ') || 'any'],
    [
      'points',
      `${limits.pointsPerSecond} a second, ${limits.pointsBurst} at once, ${limits.pointsPerDay ?? 'any number'} a day`,
    ],
    ['requests', `${limits.requestsPerSecond} a second, ${limits.concurrentRequestsMax} at once`],
    ['created', `${minute(key.createdAt)} by ${key.createdBy}`],
    ['expires', minute(key.expiresAt)],
    ['last used', key.lastUsedAt === null ? 'never' : `${minute(key.lastUsedAt)} from ${key.lastUsedFrom ?? '?'}`],
    ...key.secrets.map(({ shown, createdAt, endsAt }): [string, string] => {
      return ['secret', `${shown}, made ${minute(createdAt)}${endsAt === null ? '' : `, ends ${minute(endsAt)}`}`];
    }),
  ];
  return alignColumns(facts);
}

/** Gives entries of the audit log for people. */
export function printAudit(entries: readonly AuditEntry[]): string {
  const rows = entries.map(({ sequence, at, actor, action, keyId, reason, change }) => {
    return [
      String(sequence),
      minute(at.toISOString()),
      action,
      keyId,
      actor,
      reason ?? '–',
      change === '{}' ? '' : change,
    ];
  });
  return alignColumns([['NO', 'WHEN', 'WHAT', 'KEY', 'WHO', 'WHY', 'CHANGE'], ...rows]);
}
