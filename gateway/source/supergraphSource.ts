// Where supergraphs come from: the words that a source, its copy on disk and what follows it share.
import { hashOf, shortHash, type SignedRelease } from '../../store/release.ts';

/** A supergraph as published. */
export interface PublishedSupergraph {
  readonly sdl: string;
  /** The first characters of its SHA-256: names it in the log and in /health/ready. */
  readonly hash: string;
}

/** A supergraph, and how it was published. */
export interface SourcedSupergraph {
  readonly published: PublishedSupergraph;
  /** Undefined for a supergraph that lies in a file alone. */
  readonly signed: SignedRelease | undefined;
}

/** Something that is asked for its supergraph again and again. */
export interface SupergraphSource {
  readonly kind: 'file' | 'mongodb' | 'https';
  /** Names it in messages to the operator, without any password. */
  readonly name: string;
  readonly lookEveryMs: number;
  /**
   * Gives the supergraph of now; undefined for the one that is known already. Rejects with StoreAway where nothing can be
   * read, with StoreRefusal where what was read must not be used.
   */
  read(known: SourcedSupergraph | undefined): Promise<SourcedSupergraph | undefined>;
  close(): Promise<void>;
}

/** Takes a supergraph's text; gives it with its hash. */
export function nameSupergraph(sdl: string): PublishedSupergraph {
  return { sdl, hash: shortHash(hashOf(sdl)) };
}
