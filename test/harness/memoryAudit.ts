// An audit log in memory, for tests of what writes to one.
import { chainEntries, type AuditEntry, type AuditLog } from '../../gateway/identify/audit.ts';

/** The log, with its entries to look at. */
export interface MemoryAudit extends Pick<AuditLog, 'append' | 'latest'> {
  readonly entries: AuditEntry[];
}

/** Opens an empty one. */
export function openMemoryAudit(): MemoryAudit {
  const entries: AuditEntry[] = [];
  return {
    entries,
    append(drafts) {
      entries.push(...chainEntries(drafts, entries.at(-1)));
      return Promise.resolve();
    },
    latest: (max, keyId) =>
      Promise.resolve(
        [...entries]
          .reverse()
          .filter((entry) => entry.keyId === keyId)
          .slice(0, max),
      ),
  };
}
