// The writing side of a store, as folder and MongoDB have it. Nothing that is in a store is changed: artifacts lie under
// their own hash, and the pointer moves by adding the next release, whose number only one publisher can take.
import type { ArtifactForm, Hash, SignedRelease } from '../../store/release.ts';
import type { StoreReader } from '../../store/storeReader.ts';

/** A store that can be published into. Everything rejects with StoreAway where it cannot be written. */
export interface SchemaStore {
  readonly reader: StoreReader;
  /** Keeps an artifact, for good when it settles; one that is kept already is put right if it was damaged. */
  putArtifact(hash: Hash, form: ArtifactForm, text: string): Promise<void>;
  /**
   * Compare-and-swap: adds the release if none has its number yet, and says whether it did. Whatever it names must have
   * been put before.
   */
  append(signed: SignedRelease): Promise<boolean>;
  /** Puts right what only follows from the releases: a crash may have come between. */
  settle(): Promise<void>;
  close(): Promise<void>;
}
