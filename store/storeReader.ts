// The reading side of a store, as folder, MongoDB and web server have it, and what is checked of everything that comes
// from one: nothing is used before its hash and signature fit.
import {
  ARTIFACT_BYTES_MAX,
  hashOf,
  parseRelease,
  shortHash,
  type ArtifactForm,
  type Hash,
  type SignedRelease,
} from './release.ts';
import { verifySignature, type Signing } from './signature.ts';
import { StoreRefusal } from './storeFault.ts';

/** What the kinds of store give: texts as they lie there, unchecked. Each rejects with StoreAway where it cannot be read. */
export interface StoreReader {
  readonly kind: 'file' | 'mongodb' | 'https';
  /** The newest release; undefined where nothing was published yet. */
  newest(): Promise<string | undefined>;
  /** The release with a number; undefined where there is none. */
  release(number: number): Promise<string | undefined>;
  /** The bytes that are kept under a hash, up to one more than is allowed; undefined where there are none. */
  artifact(hash: Hash, form: ArtifactForm): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Reads what was published, checked. Everything rejects with StoreAway or StoreRefusal. */
export class PublishedSchemas {
  readonly #reader: StoreReader;
  readonly #signing: Signing;

  constructor(reader: StoreReader, signing: Signing) {
    this.#reader = reader;
    this.#signing = signing;
  }

  /** The newest release, whose signature fits; undefined where nothing was published yet. */
  async current(): Promise<SignedRelease | undefined> {
    const text = await this.#reader.newest();
    if (text === undefined) return undefined;
    const signed = parseRelease(text);
    verifySignature(signed.hash, signed.signature, this.#signing);
    return signed;
  }

  /** Releases from the newest backwards. Each is the one that the release behind it names by its hash. */
  async *history(): AsyncGenerator<SignedRelease> {
    let signed = await this.current();
    while (signed !== undefined) {
      yield signed;
      signed = await this.#before(signed);
    }
  }

  /** The text of an artifact. */
  async text(hash: Hash, form: ArtifactForm = 'graphql'): Promise<string> {
    return checkArtifact(await this.#reader.artifact(hash, form), hash);
  }

  async #before({ release: { parent, number } }: SignedRelease): Promise<SignedRelease | undefined> {
    if (parent === null) return undefined;
    const text = await this.#reader.release(number - 1);
    if (text === undefined) throw new StoreRefusal(`release ${number - 1} is missing in the store`);
    const before = parseRelease(text);
    if (before.hash !== parent)
      throw new StoreRefusal(`release ${number - 1} is not the one that release ${number} names`);
    return before;
  }
}

/** Takes what lies under a hash; gives its text. Throws StoreRefusal where it is missing, too large or something else. */
export function checkArtifact(bytes: Uint8Array | undefined, hash: Hash): string {
  const name = `the artifact ${shortHash(hash)}`;
  const refuse = (what: string): never => {
    throw new StoreRefusal(`${name} ${what}`, shortHash(hash));
  };
  if (bytes === undefined) return refuse('is missing in the store');
  if (bytes.length === 0) return refuse('is empty');
  if (bytes.length > ARTIFACT_BYTES_MAX) return refuse(`has more than ${ARTIFACT_BYTES_MAX} bytes`);
  if (hashOf(bytes) !== hash) return refuse('is damaged: its hash is another');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse('is no text in UTF-8');
  }
}
