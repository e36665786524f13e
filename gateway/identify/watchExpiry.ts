// Tells that keys end, before they do: 30, 7 and 1 days ahead, and when it is so; each once, as an entry of the audit log
// and a line of the gateway's log for whoever watches that. Looks every hour; what was told stands in the audit log, so
// that neither a new start nor another gateway tells it again.
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { AuditDraft, AuditLog } from './audit.ts';
import type { KeyRecord, KeyStore } from './keyStore.ts';

/** What the watch needs. */
export interface ExpiryParts {
  readonly store: Pick<KeyStore, 'list'>;
  readonly audit: Pick<AuditLog, 'append' | 'latest'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The watch. */
export interface ExpiryWatch {
  /** Ends it, once a look that runs is over. */
  stop(): Promise<void>;
}

/** How many days before its end a key's owner is told; 0 is the end. */
const TOLD_DAYS = [0, 1, 7, 30] as const;
const DAY_MS = 86_400_000;
const FIRST_AFTER_MS = 1_000;
const EVERY_MS = 3_600_000;
/** How far back in a key's entries it is looked for what was told. */
const ENTRIES_MAX = 50;

/** Which of the days has come; undefined where none has, or the key was never meant to last that long. */
function dayOf({ expiresAt, createdAt, revokedAt }: KeyRecord, now: Date): number | undefined {
  if (revokedAt !== undefined) return undefined;
  const leftMs = expiresAt.getTime() - now.getTime();
  const lifeMs = expiresAt.getTime() - createdAt.getTime();
  return TOLD_DAYS.find((days) => leftMs <= days * DAY_MS && lifeMs > days * DAY_MS);
}

async function tellKey(key: KeyRecord, days: number, { audit, clock, log }: ExpiryParts): Promise<void> {
  const { id, expiresAt, owner } = key;
  const change = JSON.stringify({ expiresAt, daysLeft: days });
  const told = await audit.latest(ENTRIES_MAX, id);
  if (told.some((entry) => entry.action === 'expire' && entry.change === change)) return;
  const draft: AuditDraft = {
    ...{ at: clock.now(), actor: 'gateway', action: 'expire', keyId: id, keyVersion: key.version },
    ...{ reason: days === 0 ? 'expired' : `expires within ${days} days`, change },
  };
  await audit.append([draft]);
  log.warn({ key: id, owner, expiresAt, daysLeft: days }, days === 0 ? 'a key has expired' : 'a key expires soon');
}

async function look(parts: ExpiryParts): Promise<void> {
  try {
    for (const key of await parts.store.list()) {
      const days = dayOf(key, parts.clock.now());
      if (days !== undefined) await tellKey(key, days, parts);
    }
  } catch (error) {
    parts.log.warn({ err: error }, 'keys that expire were not looked for');
  }
}

/** Begins to watch. */
export function watchExpiry(parts: ExpiryParts): ExpiryWatch {
  let looking = Promise.resolve();
  let isStopped = false;
  let cancel = (): void => undefined;
  const tick = (): void => {
    if (isStopped) return;
    looking = looking.then(() => look(parts));
    cancel = parts.clock.after(EVERY_MS, tick);
  };
  cancel = parts.clock.after(FIRST_AFTER_MS, tick);
  return {
    stop() {
      isStopped = true;
      cancel();
      return looking;
    },
  };
}
