// Where keys are managed, from the command line and from the admin port alike: finds a key, applies a rule of its life,
// keeps what came of it with its audit entries, and tells every gateway. Two changes at once never overwrite each other.
import type { Clock } from '../../platform/clock.ts';
import { parseApiKey, type KeyEnvironment } from './apiKey.ts';
import type { AuditLog } from './audit.ts';
import {
  changeKey,
  createKey,
  leakEntry,
  revokeKey,
  rotateKey,
  type Change,
  type Changed,
  type ChangedWithSecret,
  type KeySettings,
  type NewSettings,
} from './keyLifecycle.ts';
import type { KeyRecord, KeyStore } from './keyStore.ts';
import { KeyRefusal, type Granting } from './keyWishes.ts';
import type { Peppers } from './peppers.ts';

const TRIES_MAX = 5;

/** What the office is opened with. */
export interface KeyOfficeParts {
  readonly store: KeyStore;
  readonly audit: AuditLog;
  readonly peppers: Peppers;
  readonly clock: Clock;
  /** Tells every gateway that a key changed: those that do not hear of it ask the store themselves, within 10 s. */
  readonly announce: (id: string, version: number) => Promise<void>;
  readonly granting: () => Granting;
}

/** Who asks, and why. */
export interface Asker {
  readonly actor: string;
  readonly reason?: string | undefined;
}

/** What became of one leaked key that was reported: `known` where it was one of ours. */
export interface LeakOutcome {
  readonly keyId: string | undefined;
  readonly known: boolean;
  /** Whether this report ended the key: not where it was revoked or expired before. */
  readonly revoked: boolean;
}

/** A leaked key as it was reported. */
export interface LeakReport {
  readonly token: string;
  readonly url: string | undefined;
  readonly source: string | undefined;
}

/** Manages keys. Every method throws KeyRefusal or ScopeError for what is not allowed. */
export class KeyOffice {
  readonly #parts: KeyOfficeParts;

  constructor(parts: KeyOfficeParts) {
    this.#parts = parts;
  }

  /** Makes a key; its text is in the outcome and nowhere else. */
  async create(env: KeyEnvironment, settings: KeySettings, asker: Asker): Promise<ChangedWithSecret> {
    const made = createKey(env, settings, this.#parts.peppers, this.#change(asker));
    await this.#parts.store.insert(made.key, made.entries);
    return made;
  }

  /** Gives a key a new secret; the old one works on for `overlapMs`. */
  rotate(id: string, overlapMs: number, asker: Asker): Promise<ChangedWithSecret> {
    return this.#apply(id, asker, (key, change) => rotateKey(key, overlapMs, this.#parts.peppers, change));
  }

  /** Ends a key for good. */
  revoke(id: string, asker: Asker): Promise<Changed> {
    return this.#apply(id, asker, revokeKey);
  }

  /** Sets some of a key's settings. */
  set(id: string, settings: NewSettings, asker: Asker): Promise<Changed> {
    return this.#apply(id, asker, (key, change) => changeKey(key, settings, change));
  }

  /** Takes a key that was found where it does not belong: revokes it if it is one of ours and its secret is right. */
  async reportLeak(report: LeakReport, asker: Asker): Promise<LeakOutcome> {
    const { store, peppers } = this.#parts;
    const given = parseApiKey(report.token);
    const key = given && (await store.find(given.id));
    const isRight = key?.secrets.some((stored) => peppers.matches(given?.secret ?? '', stored)) === true;
    if (given === undefined || key === undefined || key.env !== given.env || !isRight) {
      return { keyId: given?.id, known: false, revoked: false };
    }
    // The report's words are another's: facts of the entry, never the reason.
    const reported = { ...asker, reason: 'reported as leaked' };
    const facts = { url: report.url ?? null, source: report.source ?? null };
    if (key.revokedAt !== undefined) {
      await this.#parts.audit.append([leakEntry(key, this.#change(reported), facts)]);
      return { keyId: key.id, known: true, revoked: false };
    }
    await this.#apply(key.id, reported, (current, change) => {
      const revoked = revokeKey(current, change);
      return { ...revoked, entries: [leakEntry(revoked.key, change, facts), ...revoked.entries] };
    });
    return { keyId: key.id, known: true, revoked: true };
  }

  #change({ actor, reason }: Asker): Change {
    return { actor, reason, now: this.#parts.clock.now(), ...this.#parts.granting() };
  }

  async #apply<C extends Changed>(id: string, asker: Asker, rule: (key: KeyRecord, change: Change) => C): Promise<C> {
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      const key = await this.#parts.store.find(id);
      if (key === undefined) throw new KeyRefusal(`there is no key ${id}`);
      const changed = rule(key, this.#change(asker));
      if (await this.#parts.store.replace(changed.key, key.version, changed.entries)) {
        await this.#parts.announce(changed.key.id, changed.key.version);
        return changed;
      }
    }
    throw new KeyRefusal(`key ${id} is being changed by others; try again`);
  }
}
