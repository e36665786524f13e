// The fetch step's standing parts: one link a subgraph address, for the life of the process, whatever supergraph is
// served. A graph gets what sends to its own subgraphs.
import type { Clock } from '../../platform/clock.ts';
import type { Caller } from '../caller.ts';
import type { SubgraphSettings } from '../config/subgraphSettings.ts';
import type { Observer } from '../observe/observer.ts';
import type { RequestState } from '../requestState.ts';
import type { BreakerState } from './circuitBreaker.ts';
import { FetchSharing } from './shareFetch.ts';
import { ShortWaits } from './shortWaits.ts';
import type { Signer } from './signRequest.ts';
import { linkId, SubgraphLink, type FetchOutcome, type SubgraphFetch } from './subgraphLinks.ts';

/** Sends a fetch; gives what cancels it, after which `done` is called all the same. */
export type SendFetch = (
  fetch: SubgraphFetch,
  state: RequestState,
  done: (outcome: FetchOutcome) => void,
) => () => void;

/** What the fetch step needs to know. */
export interface FetcherSettings {
  readonly signer: Signer;
  readonly settingsOf: (subgraph: string) => SubgraphSettings;
  readonly observer: Observer;
  readonly clock: Clock;
  /** Whether a caller's key was revoked: nothing more is fetched for it (access.md, section 1). */
  readonly isRevoked: (caller: Caller) => boolean;
}

/** Knows the ways to all subgraphs. */
export interface Fetcher {
  /** Takes a graph's subgraphs, name → address; gives what sends to them. */
  senderFor(addresses: ReadonlyMap<string, string>): SendFetch;
  /** Takes the subgraphs of every graph that is still used; closes the ways to all others. */
  keepOnly(graphs: readonly ReadonlyMap<string, string>[]): Promise<void>;
  /** How each subgraph that was ever called does. */
  breakers(): Readonly<Record<string, BreakerState>>;
  close(): Promise<void>;
}

/** Opens the fetch step; once a process. */
export function openFetcher(settings: FetcherSettings): Fetcher {
  const links = new Map<string, { subgraph: string; link: SubgraphLink }>();
  const sharing = new FetchSharing();
  const waits = new ShortWaits(settings.clock);
  const linkTo = (subgraph: string, url: string): SubgraphLink => {
    const known = links.get(linkId(subgraph, url));
    if (known !== undefined) return known.link;
    const { signer, clock, observer } = settings;
    const parts = { signer, clock, observer: observer.ofSubgraph(subgraph), waits };
    const link = new SubgraphLink(subgraph, url, settings.settingsOf(subgraph), parts);
    links.set(linkId(subgraph, url), { subgraph, link });
    return link;
  };
  return {
    senderFor(addresses) {
      const own = new Map<string, SubgraphLink>();
      return (fetch, state, done) => {
        let link = own.get(fetch.subgraph);
        if (link === undefined) {
          const url = addresses.get(fetch.subgraph);
          if (url === undefined) throw new Error('a fetch names a subgraph that the supergraph does not have');
          own.set(fetch.subgraph, (link = linkTo(fetch.subgraph, url)));
        }
        if (settings.isRevoked(state.caller)) {
          done({ code: 'API_KEY_REVOKED', detail: 'the key was revoked meanwhile' });
          return () => undefined;
        }
        return sharing.send(link, fetch, state, done);
      };
    },
    async keepOnly(graphs) {
      const addresses = graphs.flatMap((each) => [...each]);
      const kept = new Set(addresses.map(([subgraph, url]) => linkId(subgraph, url)));
      const gone = [...links].filter(([key]) => !kept.has(key));
      for (const [key] of gone) links.delete(key);
      await Promise.all(gone.map(([, { link }]) => link.close()));
    },
    breakers: () => Object.fromEntries([...links.values()].map(({ subgraph, link }) => [subgraph, link.state])),
    async close() {
      await Promise.all([...links.values()].map(({ link }) => link.close()));
    },
  };
}
