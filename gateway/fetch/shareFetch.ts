// Equal queries to a subgraph that are on their way at the same time share one request, where the callers have equal
// rights and no mutation has passed between them: a caller who has been told that something changed must not be given
// an answer that was asked for before. Mutations are never shared.
import type { RequestState } from '../requestState.ts';
import type { FetchOutcome, SubgraphFetch, SubgraphLink } from './subgraphLinks.ts';

type Done = (outcome: FetchOutcome) => void;

interface Shared {
  readonly body: string;
  readonly members: Set<Done>;
  cancel: () => void;
}

const NOTHING = (): void => undefined;

/** Sends fetches over the links, equal ones once. */
export class FetchSharing {
  /** By whose they are; few have several under way, and a body is long: it is compared, and no part of a key. */
  private readonly shared = new Map<string, Shared[]>();
  /** Rises with each mutation that is sent or answered. */
  private epoch = 0;

  /** Sends a fetch, or joins one that is on its way; gives what leaves it again. */
  send(link: SubgraphLink, fetch: SubgraphFetch, state: RequestState, done: Done): () => void {
    if (fetch.isMutation) {
      this.epoch++;
      return link.send(fetch, state, (outcome) => {
        this.epoch++;
        done(outcome);
      });
    }
    // Who has less time than a fetch may take would end it for the others too early.
    const isShareable = state.explanation === undefined && state.patience.leftMs() >= link.fetchTimeoutMs;
    if (!isShareable) return link.send(fetch, state, done);
    const since = `${this.epoch} ${fetch.asOf} ${state.readAfter ?? ''}`;
    const owner = `${since} ${state.caller.rights} ${link.id} ${link.passedTo(state).key}`;
    const known = this.shared.get(owner)?.find(({ body }) => body === fetch.body);
    if (known === undefined) return this.lead(owner, link, fetch, state, done);
    link.noteShared();
    known.members.add(done);
    return () => this.leave(owner, known, done);
  }

  private lead(owner: string, link: SubgraphLink, fetch: SubgraphFetch, state: RequestState, done: Done): () => void {
    const shared: Shared = { body: fetch.body, members: new Set([done]), cancel: NOTHING };
    const abreast = this.shared.get(owner);
    if (abreast === undefined) this.shared.set(owner, [shared]);
    else abreast.push(shared);
    shared.cancel = link.send(fetch, state, (outcome) => {
      this.forget(owner, shared);
      for (const member of shared.members) member(outcome);
      // A map that grew may keep its old entries for long (platform/fifo.ts): nothing of the request hangs on this one.
      shared.members.clear();
      shared.cancel = NOTHING;
    });
    return () => this.leave(owner, shared, done);
  }

  private forget(owner: string, shared: Shared): void {
    const left = this.shared.get(owner)?.filter((each) => each !== shared) ?? [];
    if (left.length === 0) this.shared.delete(owner);
    else this.shared.set(owner, left);
  }

  /** The last one to leave ends the request. */
  private leave(owner: string, shared: Shared, member: Done): void {
    if (!shared.members.delete(member)) return;
    if (shared.members.size === 0) {
      this.forget(owner, shared);
      shared.cancel();
    }
    member({ code: 'SUBGRAPH_TIMEOUT', detail: 'nobody waits for the answer' });
  }
}
