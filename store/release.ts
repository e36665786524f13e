// What is published: a release names its artifacts by their SHA-256 and the release before it by its own. The newest one
// is the pointer that gateways follow. Writers and readers of every store agree on these shapes.
import { createHash } from 'node:crypto';
import { StoreRefusal } from './storeFault.ts';

/** The SHA-256 of some bytes, 64 hexadecimal digits. */
export type Hash = string;

/** How a release came about: schemas were published, or an earlier supergraph was put back. */
export type ReleaseAction = 'publish' | 'rollback';

/** One publish. Everything of it is in its hash, and so in the hash of every release behind it. */
export interface Release {
  readonly formatVersion: 1;
  /** 1 for the first, one more for each that follows. */
  readonly number: number;
  readonly action: ReleaseAction;
  readonly supergraph: Hash;
  /** The public schema of each contract, by its name. */
  readonly contracts: Readonly<Record<string, Hash>>;
  /** What the check found, as JSON; null where none was made. */
  readonly report: Hash | null;
  readonly author: string;
  readonly commit: string | null;
  readonly message: string;
  /** A moment in ISO 8601. */
  readonly publishedAt: string;
  /** The hash of the release before; null for the first. */
  readonly parent: Hash | null;
  /** Why a rollback to looser needs was accepted; null where none are looser. */
  readonly loosenedBecause: string | null;
}

/** A release as it is kept. */
export interface SignedRelease {
  readonly release: Release;
  readonly hash: Hash;
  /** HMAC-SHA-256 of the hash, in base64url; null where nobody signs. */
  readonly signature: string | null;
}

/** What an artifact is, and the end of its file's name. */
export type ArtifactForm = 'graphql' | 'json';

/** Whatever is larger is no artifact: 30 subgraphs with 3,000 types make up 2 MB. */
export const ARTIFACT_BYTES_MAX = 12_000_000;
/** Whatever is larger is no release. */
export const RELEASE_BYTES_MAX = 100_000;

const HASH = /^[0-9a-f]{64}$/;
const TEXT_CHARACTERS_MAX = 5_000;

/** Takes bytes or a text; gives the SHA-256 as hexadecimal digits. */
export function hashOf(content: string | Uint8Array): Hash {
  return createHash('sha256').update(content).digest('hex');
}

const SHOWN_DIGITS = 16;

/** Takes a hash; gives the digits of it that people are shown. */
export function shortHash(hash: Hash): string {
  return hash.slice(0, SHOWN_DIGITS);
}

/** The text that a release's hash is made of: its fields in one order, its contracts sorted. */
function canonicalText(release: Release): string {
  const { formatVersion, number, action, supergraph, report, author, commit, message, publishedAt } = release;
  const contracts = Object.entries(release.contracts).sort(([left], [right]) => (left < right ? -1 : 1));
  const { parent, loosenedBecause } = release;
  return JSON.stringify([
    ...[formatVersion, number, action, supergraph, contracts, report, author, commit, message, publishedAt],
    ...[parent, loosenedBecause],
  ]);
}

/** Takes a release; gives its hash. */
export function releaseHash(release: Release): Hash {
  return hashOf(canonicalText(release));
}

/** Takes a signed release; gives the text that is kept of it, for people to read too. */
export function printRelease(signed: SignedRelease): string {
  return `${JSON.stringify(signed, undefined, 2)}\n`;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(what: string): never {
  throw new StoreRefusal(`the published release is damaged: ${what}`);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') return refuse(`${name} is no text`);
  if (value.length > TEXT_CHARACTERS_MAX) return refuse(`${name} has more than ${TEXT_CHARACTERS_MAX} characters`);
  return value;
}

function textOrNull(fields: Fields, name: string): string | null {
  return fields[name] === null ? null : textOf(fields, name);
}

function hashIn(fields: Fields, name: string): Hash {
  const value = textOf(fields, name);
  if (!HASH.test(value)) refuse(`${name} is no hash`);
  return value;
}

function hashOrNull(fields: Fields, name: string): Hash | null {
  return fields[name] === null ? null : hashIn(fields, name);
}

function readRelease(fields: Fields): Release {
  const { formatVersion, number, action, contracts } = fields;
  if (formatVersion !== 1) refuse('its format is not known here');
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) refuse('its number is none');
  if (action !== 'publish' && action !== 'rollback') refuse('its action is not known here');
  if (!isFields(contracts)) refuse('its contracts are none');
  return {
    ...{ formatVersion, number, action },
    supergraph: hashIn(fields, 'supergraph'),
    contracts: Object.fromEntries(Object.keys(contracts).map((name) => [name, hashIn(contracts, name)])),
    report: hashOrNull(fields, 'report'),
    author: textOf(fields, 'author'),
    commit: textOrNull(fields, 'commit'),
    message: textOf(fields, 'message'),
    publishedAt: textOf(fields, 'publishedAt'),
    parent: hashOrNull(fields, 'parent'),
    loosenedBecause: textOrNull(fields, 'loosenedBecause'),
  };
}

/** Takes the kept text; gives the release, whose hash was made anew and fits. Throws StoreRefusal for anything else. */
export function parseRelease(text: string): SignedRelease {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(text.trim() === '' ? 'it is empty' : 'it is no JSON');
  }
  if (!isFields(value) || !isFields(value['release'])) return refuse('it has no release');
  const release = readRelease(value['release']);
  const hash = hashIn(value, 'hash');
  if (releaseHash(release) !== hash) return refuse('its hash does not fit its content');
  return { release, hash, signature: textOrNull(value, 'signature') };
}
