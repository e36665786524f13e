// Notes in the audit log that a key was refused although its secret was right: who goes on with a revoked or expired key,
// or calls from elsewhere, may have stolen it. Once a day for each key and reason; never in a request's way.
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { isRefusal } from '../requestState.ts';
import type { AuditDraft, AuditLog } from './audit.ts';
import type { Authenticate, Identified } from './authenticate.ts';
import type { KeyReader } from './keyStore.ts';
import { readCredential, type RequestHead } from './readCredential.ts';

/** What the notes are taken with. */
export interface DenialParts {
  readonly store: Pick<KeyReader, 'find'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The step with its refusals noted. */
export interface NotedAuthenticate {
  readonly authenticate: Authenticate;
  /** Writes what is left to write, as far as that is one write. */
  stop(): Promise<void>;
}

/** Refusals that nobody gets whose secret is wrong. */
const NOTED: ReadonlySet<string> = new Set(['API_KEY_REVOKED', 'API_KEY_EXPIRED', 'ADDRESS_DENIED']);
const EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
/** How many are written at a time: whoever changes a key meanwhile waits for that. */
const WRITTEN_MAX = 50;
/** How many keys and reasons are known as noted. */
const NOTED_MAX = 10_000;

interface Denial {
  readonly id: string;
  readonly code: string;
  readonly at: Date;
  readonly from: string;
}

async function writeAll(denials: readonly Denial[], { store, audit, log }: DenialParts): Promise<void> {
  if (denials.length === 0) return;
  try {
    const drafts = denials.map(async ({ id, code, at, from }): Promise<AuditDraft> => {
      const keyVersion = (await store.find(id))?.version ?? 0;
      const facts = JSON.stringify({ code, from });
      return { at, actor: 'gateway', action: 'deny', keyId: id, keyVersion, reason: undefined, change: facts };
    });
    await audit.append(await Promise.all(drafts));
  } catch (error) {
    log.warn({ err: error, denials: denials.length }, 'refused keys were not noted in the audit log');
  }
}

/** Takes the step; gives it with what it refuses noted in the audit log, every ten seconds. */
export function noteDenials(authenticate: Authenticate, parts: DenialParts): NotedAuthenticate {
  const { clock } = parts;
  const noted = new Map<string, number>();
  let waiting: Denial[] = [];
  let writing = Promise.resolve();
  let isStopped = false;
  let cancel = (): void => undefined;

  const write = (): Promise<void> => {
    const denials = waiting.slice(0, WRITTEN_MAX);
    waiting = waiting.slice(WRITTEN_MAX);
    writing = writing.then(() => writeAll(denials, parts));
    return writing;
  };
  const tick = (): void => {
    if (isStopped) return;
    void write();
    cancel = clock.after(EVERY_MS, tick);
  };
  cancel = clock.after(EVERY_MS, tick);

  const note = (identified: Identified, head: RequestHead): Identified => {
    if (!isRefusal(identified) || !NOTED.has(identified.refused)) return identified;
    const credential = readCredential(head, false);
    if (credential.kind !== 'key') return identified;
    const { id } = credential.key;
    const at = clock.now();
    const name = `${id} ${identified.refused}`;
    const day = Math.floor(at.getTime() / DAY_MS);
    if (noted.get(name) === day) return identified;
    if (waiting.length >= NOTED_MAX) return identified;
    if (noted.size >= NOTED_MAX) noted.clear();
    noted.set(name, day);
    waiting.push({ id, code: identified.refused, at, from: head.address ?? 'unknown' });
    return identified;
  };
  return {
    authenticate(head) {
      const identified = authenticate(head);
      return identified instanceof Promise ? identified.then((late) => note(late, head)) : note(identified, head);
    },
    stop() {
      isStopped = true;
      cancel();
      return write();
    },
  };
}
