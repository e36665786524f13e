// A proof as the gateway would make it, for tests that speak to a subgraph themselves; all of it can be made wrong.
import {
  deriveSubgraphSecret,
  encodeCaller,
  makeProof,
  PROOF_HEADER,
  proofKey,
  type GatewayStatement,
} from '../../contracts/gatewayProof.ts';
import { drawId } from '../../platform/random.ts';

const DEADLINE_MS = 20_000;

/** Takes the shared secret, the subgraph and the body; gives the header of a fresh proof, with what a test says of it. */
export function proofHeader(
  sharedSecret: string,
  subgraph: string,
  body: string,
  changes: Partial<GatewayStatement> = {},
): Record<string, string> {
  const nowMs = Date.now();
  const statement: GatewayStatement = {
    subgraph,
    tenantId: 'main',
    actor: 'tester',
    scopes: '',
    requestId: drawId(),
    deadlineMs: nowMs + DEADLINE_MS,
    issuedMs: nowMs,
    signer: drawId(),
    serial: 1,
    explain: true,
    ...changes,
  };
  const key = proofKey(deriveSubgraphSecret(sharedSecret, subgraph));
  return { [PROOF_HEADER]: makeProof(key, encodeCaller(statement), statement, body) };
}
