// The signed statement that the gateway puts on each fetch: who calls and may what, in which tenant, until when, and
// that it is for this very body. A subgraph answers nothing without it. One version, one algorithm: HMAC-SHA-256, which
// no proof can choose. `v2.<who>.<when>.<body's hash>.<signature>`: all of it is checked before a byte of the body is read.
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { HmacKey } from './hmacSha256.ts';

/** The header that carries the proof. */
export const PROOF_HEADER = 'crm-gateway-proof';
/** How long a proof holds after it was made. */
const VALID_MS = 30_000;
/** The clocks of gateway and subgraph may differ by this much (reliability.md, T1). */
const CLOCK_TOLERANCE_MS = 30_000;
const HEADER_CHARACTERS_MAX = 12_288;
const VERSION = 'v2';
const WHEN = /^([0-9a-z]{1,11})-([0-9a-z]{1,11})-([01])-([A-Za-z0-9]{1,64})-([0-9a-z]{1,10})-([A-Za-z0-9_-]{1,64})$/;

/** For whom and where: the same for many fetches. */
export interface StatedCaller {
  /** The subgraph that is meant: a proof for one is nothing to another. */
  readonly subgraph: string;
  readonly tenantId: string;
  /** The caller's id, as it is written into createdBy and updatedBy. */
  readonly actor: string;
  /** The caller's scopes, sorted, with a space between any two. */
  readonly scopes: string;
}

/** What is another for each fetch. */
export interface StatedFetch {
  readonly requestId: string;
  /** When the answer is of no more use, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** When the proof was made, in milliseconds since 1970. */
  readonly issuedMs: number;
  /** Who counts the proofs: drawn anew by each gateway process, letters and digits. */
  readonly signer: string;
  /** The proof's number with its signer: no two have the same. */
  readonly serial: number;
  /** Whether the subgraph reports its database commands in `extensions.databaseCommands`. */
  readonly explain: boolean;
}

/** What the gateway states about a fetch. */
export interface GatewayStatement extends StatedCaller, StatedFetch {}

/** A proof that holds, but for the body, which is not read yet. */
export interface ProvenHead {
  readonly statement: GatewayStatement;
  readonly bodyHash: string;
  /** Until when this proof would hold: as long it has to be remembered. */
  readonly validUntilMs: number;
}

/** Takes the shared secret and a subgraph's name; gives the subgraph's own secret, which opens no other subgraph. */
export function deriveSubgraphSecret(sharedSecret: string, subgraph: string): string {
  return createHmac('sha256', sharedSecret).update(`${PROOF_HEADER} ${subgraph}`).digest('hex');
}

/** Takes a subgraph's own secret; gives the key to sign and check with. */
export function proofKey(subgraphSecret: string): HmacKey {
  return new HmacKey(subgraphSecret);
}

/** Takes what is the same for many fetches; gives its part of the proof, to be kept and used again. */
export function encodeCaller({ subgraph, tenantId, actor, scopes }: StatedCaller): string {
  return Buffer.from(JSON.stringify([subgraph, tenantId, actor, scopes])).toString('base64url');
}

function hashBody(body: string | Buffer): string {
  return hash('sha256', body, 'base64url');
}

/** Takes the subgraph's key, the caller's part as `encodeCaller` gave it, the fetch and its body; gives the header. */
export function makeProof(key: HmacKey, callerPart: string, fetch: StatedFetch, body: string): string {
  const { issuedMs, deadlineMs, explain, signer, serial, requestId } = fetch;
  const times = `${issuedMs.toString(36)}-${deadlineMs.toString(36)}`;
  const when = `${times}-${explain ? '1' : '0'}-${signer}-${serial.toString(36)}-${requestId}`;
  const signed = `${VERSION}.${callerPart}.${when}.${hashBody(body)}`;
  return `${signed}.${key.sign(signed)}`;
}

/** What a subgraph checks a proof against. */
export interface ProofCheck {
  /** The keys that are accepted: the current one, and while secrets are rotated the one before. */
  readonly keys: readonly HmacKey[];
  readonly subgraph: string;
  readonly nowMs: number;
}

/** Every key is tried, whichever fits: how long it takes tells nothing. */
function isSigned(keys: readonly HmacKey[], signed: string, signature: string): boolean {
  const given = Buffer.from(signature, 'latin1');
  let fits = false;
  for (const key of keys) {
    const expected = Buffer.from(key.sign(signed), 'latin1');
    if (given.length === expected.length && timingSafeEqual(given, expected)) fits = true;
  }
  return fits;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Reads the caller's part, which is signed: anything but what `encodeCaller` wrote is none. */
function readCaller(part: string): StatedCaller | undefined {
  const read = parseJson(Buffer.from(part, 'base64url').toString());
  if (!Array.isArray(read) || read.length !== 4 || !read.every((text) => typeof text === 'string')) return undefined;
  const [subgraph = '', tenantId = '', actor = '', scopes = ''] = read;
  return tenantId === '' || actor === '' ? undefined : { subgraph, tenantId, actor, scopes };
}

function readFetch(part: string): StatedFetch | undefined {
  const [, issued = '', deadline = '', explain, signer = '', serial = '', requestId = ''] = WHEN.exec(part) ?? [];
  if (requestId === '') return undefined;
  return {
    requestId,
    deadlineMs: Number.parseInt(deadline, 36),
    issuedMs: Number.parseInt(issued, 36),
    signer,
    serial: Number.parseInt(serial, 36),
    explain: explain === '1',
  };
}

/**
 * Takes what a subgraph accepts and the header as received; gives what is stated, or undefined where it does not hold:
 * unsigned, of another subgraph, too old, from the future, past its deadline. The body stays to be compared.
 */
export function readProof(check: ProofCheck, header: string | undefined): ProvenHead | undefined {
  if (header === undefined || header.length > HEADER_CHARACTERS_MAX) return undefined;
  const [version, callerPart = '', when = '', bodyHash = '', signature = '', ...more] = header.split('.');
  if (version !== VERSION || more.length > 0) return undefined;
  if (!isSigned(check.keys, header.slice(0, header.lastIndexOf('.')), signature)) return undefined;
  const caller = readCaller(callerPart);
  const fetch = readFetch(when);
  if (caller === undefined || fetch === undefined || caller.subgraph !== check.subgraph) return undefined;
  const { nowMs } = check;
  const validUntilMs = fetch.issuedMs + VALID_MS + CLOCK_TOLERANCE_MS;
  if (validUntilMs < nowMs || fetch.issuedMs - CLOCK_TOLERANCE_MS > nowMs) return undefined;
  if (fetch.deadlineMs + CLOCK_TOLERANCE_MS < nowMs) return undefined;
  return { statement: { ...caller, ...fetch }, bodyHash, validUntilMs };
}

/** Says whether a body, as received, is the one that was signed. */
export function isBodyOf(head: ProvenHead, body: string | Buffer): boolean {
  return hashBody(body) === head.bodyHash;
}
