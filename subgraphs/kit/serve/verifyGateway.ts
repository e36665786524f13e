// Subgraphs answer only their gateway: a request without a valid proof is refused before it is parsed.
import { PROOF_HEADER, readProof, type GatewayStatement } from '../../../contracts/gatewayProof.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { IncomingMessage } from 'node:http';

/** Takes the request, its body and what this subgraph expects; gives what the gateway states, or undefined. */
export function verifyGateway(
  request: IncomingMessage,
  body: string,
  expected: { secret: string; subgraph: string },
): GatewayStatement | undefined {
  const header = request.headers[PROOF_HEADER];
  const nowMs = systemClock.now().getTime();
  return readProof({ ...expected, nowMs }, typeof header === 'string' ? header : undefined, body);
}
