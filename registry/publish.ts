// Publishing: artifacts first, each under its hash, then one release that names them, on top of the release that the
// publisher looked at. Who was overtaken meanwhile is told by whom, and has to look again.
import type { Clock } from '../platform/clock.ts';
import {
  ARTIFACT_BYTES_MAX,
  hashOf,
  parseRelease,
  printRelease,
  RELEASE_BYTES_MAX,
  releaseHash,
  type Release,
  type ReleaseAction,
  type SignedRelease,
} from '../store/release.ts';
import { signHash, type Signing } from '../store/signature.ts';
import { StoreRefusal } from '../store/storeFault.ts';
import { PublishedSchemas } from '../store/storeReader.ts';
import type { CheckReport } from './finding.ts';
import type { SchemaStore } from './stores/schemaStore.ts';

/** What is published. */
export interface Publication {
  readonly supergraph: string;
  /** The public schema of each contract, by its name. */
  readonly contracts: ReadonlyMap<string, string>;
  readonly report: CheckReport | undefined;
  readonly author: string;
  readonly commit: string | undefined;
  readonly message: string;
}

/** What came of it. */
export type PublishOutcome =
  | { readonly kind: 'published'; readonly signed: SignedRelease }
  /** The newest release has the same schemas already. */
  | { readonly kind: 'unchanged'; readonly signed: SignedRelease }
  /** Somebody published since: the newest release, which was not looked at. */
  | { readonly kind: 'overtaken'; readonly by: SignedRelease };

/** Where is published, by what clock, with whose signature. */
export interface PublishDesk {
  readonly store: SchemaStore;
  readonly signing: Signing;
  readonly clock: Clock;
}

/** What differs between publishing and rolling back. */
export type ReleaseDraft = Omit<Release, 'formatVersion' | 'number' | 'publishedAt' | 'parent'>;

function sameSchemas(release: Release, draft: ReleaseDraft): boolean {
  const textOf = ({ supergraph, contracts }: ReleaseDraft): string =>
    JSON.stringify([supergraph, Object.entries(contracts).sort(([left], [right]) => (left < right ? -1 : 1))]);
  return textOf(release) === textOf(draft);
}

function refuseTooLarge(what: string, text: string, bytesMax: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= bytesMax) return;
  throw new StoreRefusal(`nothing was published: ${what} has ${bytes} bytes, and ${bytesMax} are taken at the most`);
}

/** A release that no reader takes would stand before every later one: nobody could publish on top of it. */
function refuseUnreadable(signed: SignedRelease): void {
  const text = printRelease(signed);
  refuseTooLarge('the release', text, RELEASE_BYTES_MAX);
  try {
    parseRelease(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new StoreRefusal(`nothing was published, as every reader would refuse it: ${said}`);
  }
}

/**
 * Moves the pointer from `base`, which the publisher looked at, to a new release of artifacts that are kept already.
 * Rejects with StoreAway where the store cannot be written, with StoreRefusal for what no reader would take.
 */
export async function addRelease(
  { store, signing, clock }: PublishDesk,
  base: SignedRelease | undefined,
  draft: ReleaseDraft,
): Promise<PublishOutcome> {
  if (base !== undefined && sameSchemas(base.release, draft)) {
    await store.settle();
    return { kind: 'unchanged', signed: base };
  }
  const release: Release = {
    ...draft,
    formatVersion: 1,
    number: (base?.release.number ?? 0) + 1,
    publishedAt: clock.now().toISOString(),
    parent: base?.hash ?? null,
  };
  const hash = releaseHash(release);
  const signed = { release, hash, signature: signHash(hash, signing) };
  refuseUnreadable(signed);
  if (await store.append(signed)) return { kind: 'published', signed };
  const newest = await new PublishedSchemas(store.reader, signing).current();
  if (newest === undefined) throw new StoreRefusal('the store has releases and none that is the newest');
  // A write whose acknowledgement was lost and that was sent again is ours.
  return newest.hash === hash ? { kind: 'published', signed } : { kind: 'overtaken', by: newest };
}

/** Publishes schemas on top of `base`. Rejects as `addRelease`. */
export async function publish(
  desk: PublishDesk,
  base: SignedRelease | undefined,
  publication: Publication,
): Promise<PublishOutcome> {
  const { supergraph, contracts, report, author, commit, message } = publication;
  const keep = async (text: string, form: 'graphql' | 'json'): Promise<string> => {
    refuseTooLarge('an artifact', text, ARTIFACT_BYTES_MAX);
    const hash = hashOf(text);
    await desk.store.putArtifact(hash, form, text);
    return hash;
  };
  const kept: [string, string][] = [];
  for (const [name, text] of contracts) kept.push([name, await keep(text, 'graphql')]);
  const action: ReleaseAction = 'publish';
  return addRelease(desk, base, {
    ...{ action, author, message, loosenedBecause: null },
    supergraph: await keep(supergraph, 'graphql'),
    contracts: Object.fromEntries(kept),
    report: report === undefined ? null : await keep(`${JSON.stringify(report, undefined, 2)}\n`, 'json'),
    commit: commit ?? null,
  });
}
