// Puts the gateway's signed statement on a fetch: for whom, in which tenant, until when, for this very body. Without a
// secret nothing is signed, and subgraphs that want a proof refuse the fetch.
import { makeProof, PROOF_HEADER } from '../../contracts/gatewayProof.ts';
import type { RequestState } from '../requestState.ts';

/** What is the same in every statement. */
export interface Signer {
  readonly secret: string | undefined;
  readonly tenantId: string;
}

/** Takes the fetch's body and subgraph; gives the headers that go with it. */
export function signRequest(
  signer: Signer,
  subgraph: string,
  body: string,
  state: RequestState,
): Record<string, string> {
  const headers = { 'x-request-id': state.requestId };
  if (signer.secret === undefined) return headers;
  const statement = {
    requestId: state.requestId,
    tenantId: signer.tenantId,
    actor: 'anonymous',
    subgraph,
    deadlineMs: state.patience.deadlineMs,
    explain: state.explanation !== undefined,
  };
  return { ...headers, [PROOF_HEADER]: makeProof(signer.secret, statement, body) };
}
