// Puts the gateway's signed statement on a fetch: who calls and may what, in which tenant, until when, for this very
// body. Each sending is signed anew, a retry too: a subgraph answers a proof once. Without a secret nothing is signed,
// and subgraphs that want a proof refuse the fetch.
import { deriveSubgraphSecret, encodeCaller, makeProof, PROOF_HEADER, proofKey } from '../../contracts/gatewayProof.ts';
import type { Clock } from '../../platform/clock.ts';
import { drawId } from '../../platform/random.ts';
import type { Caller } from '../caller.ts';
import type { RequestState } from '../requestState.ts';

/** What is the same in every statement. */
export interface Signer {
  readonly secret: string | undefined;
  readonly tenantId: string;
}

/** Who a statement is about. */
export type SignedCaller = Pick<Caller, 'id' | 'scopes'>;

/** Signs the fetches to one subgraph. */
export interface RequestSigner {
  /** Takes a fetch's body, its request and on whose behalf it is made; gives the headers that go with one sending. */
  sign(body: string, state: RequestState, caller: SignedCaller): Record<string, string>;
}

/** Takes what is the same in every statement and the subgraph's name; gives what signs for it. */
export function openSigner({ secret, tenantId }: Signer, subgraph: string, clock: Clock): RequestSigner {
  if (secret === undefined) return { sign: (_, { requestId }) => ({ 'x-request-id': requestId }) };
  const key = proofKey(deriveSubgraphSecret(secret, subgraph));
  const signer = drawId();
  // A caller is one object as long as its rights are the same, and most fetches follow others of the same caller.
  const callerParts = new WeakMap<SignedCaller, string>();
  let serial = 0;
  const callerPartOf = (caller: SignedCaller): string => {
    let part = callerParts.get(caller);
    if (part === undefined) {
      const scopes = [...caller.scopes].sort().join(' ');
      part = encodeCaller({ subgraph, tenantId, actor: caller.id, scopes });
      callerParts.set(caller, part);
    }
    return part;
  };
  return {
    sign(body, state, caller) {
      const stated = {
        requestId: state.requestId,
        deadlineMs: Math.ceil(state.patience.deadlineMs),
        issuedMs: clock.now().getTime(),
        signer,
        serial: serial++,
        explain: state.explanation !== undefined,
      };
      const proof = makeProof(key, callerPartOf(caller), stated, body);
      return { 'x-request-id': state.requestId, [PROOF_HEADER]: proof };
    },
  };
}
