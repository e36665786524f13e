// The newest release of a store as a source. With a secret nobody can put an older release in the place of a newer one:
// a signature says who made it, not when it is to hold.
import { shortHash, type SignedRelease } from '../../store/release.ts';
import type { Signing } from '../../store/signature.ts';
import { StoreAway, StoreRefusal } from '../../store/storeFault.ts';
import { PublishedSchemas, type StoreReader } from '../../store/storeReader.ts';
import type { SupergraphSource } from './supergraphSource.ts';

const LOOK_EVERY_MS = { file: 300, mongodb: 500, https: 1_000 } as const;

function refuseReplayed({ release }: SignedRelease, known: SignedRelease | undefined): void {
  if (known === undefined || release.number > known.release.number) return;
  throw new StoreRefusal(
    `the store went back to release ${release.number}, and release ${known.release.number} was taken already`,
    shortHash(release.supergraph),
  );
}

/** Opens a store as a source. */
export function openStoreSource(reader: StoreReader, name: string, signing: Signing): SupergraphSource {
  const schemas = new PublishedSchemas(reader, signing);
  return {
    kind: reader.kind,
    name,
    lookEveryMs: LOOK_EVERY_MS[reader.kind],
    async read(known) {
      const signed = await schemas.current();
      if (signed === undefined) throw new StoreAway('nothing was published into the store yet');
      if (signed.hash === known?.signed?.hash) return undefined;
      if (signing.secret !== undefined) refuseReplayed(signed, known?.signed);
      const hash = shortHash(signed.release.supergraph);
      const isKnown = hash === known?.published.hash;
      // What was rolled back and published again need not be read a second time.
      return {
        signed,
        published: isKnown ? known.published : { hash, sdl: await schemas.text(signed.release.supergraph) },
      };
    },
    close: () => reader.close(),
  };
}
