// Subgraphs answer only their gateway: a request without a valid proof is refused before a byte of its body is read, one
// whose body is another or that was answered already before it is parsed.
import type { IncomingMessage } from 'node:http';
import {
  deriveSubgraphSecret,
  isBodyOf,
  proofKey,
  PROOF_HEADER,
  readProof,
  type ProvenHead,
} from '../../../contracts/gatewayProof.ts';
import type { HmacKey } from '../../../contracts/hmacSha256.ts';
import type { Clock } from '../../../platform/clock.ts';
import { UsedProofs } from './usedProofs.ts';

/** The settings that hold a subgraph's secrets. */
interface ProofSettings {
  readonly CRM_PROOF_SECRET: string | undefined;
  readonly CRM_PROOF_SECRET_PREVIOUS: string | undefined;
  readonly CRM_PROOF_SUBGRAPH_SECRET: string | undefined;
  readonly CRM_PROOF_SUBGRAPH_SECRET_PREVIOUS: string | undefined;
}

/** Takes the settings and the subgraph's name; gives the secrets that it accepts, the current one first. */
export function proofSecretsOf(config: ProofSettings, subgraph: string): readonly string[] {
  const own = [config.CRM_PROOF_SUBGRAPH_SECRET, config.CRM_PROOF_SUBGRAPH_SECRET_PREVIOUS];
  const shared = [config.CRM_PROOF_SECRET, config.CRM_PROOF_SECRET_PREVIOUS];
  const derived = shared.map((secret) => (secret === undefined ? undefined : deriveSubgraphSecret(secret, subgraph)));
  return [...own, ...derived].filter((secret) => secret !== undefined);
}

/** Tells a subgraph's gateway from everybody else. */
export class GatewayVerifier {
  private readonly keys: readonly HmacKey[];
  private readonly subgraph: string;
  private readonly clock: Clock;
  private readonly used = new UsedProofs();

  constructor(secrets: readonly string[], subgraph: string, clock: Clock) {
    this.keys = secrets.map(proofKey);
    this.subgraph = subgraph;
    this.clock = clock;
  }

  /** Takes a request whose body is not read yet; gives its proof, or undefined where it is not the gateway's. */
  verifyHead(request: Pick<IncomingMessage, 'headers'>): ProvenHead | undefined {
    const header = request.headers[PROOF_HEADER];
    const nowMs = this.clock.now().getTime();
    return readProof(
      { keys: this.keys, subgraph: this.subgraph, nowMs },
      typeof header === 'string' ? header : undefined,
    );
  }

  /** Takes a proof and the body that came with it; says whether they belong together, once for each proof. */
  admit(head: ProvenHead, body: Buffer): boolean {
    if (!isBodyOf(head, body)) return false;
    const { signer, serial } = head.statement;
    return this.used.use(signer, serial, head.validUntilMs, this.clock.now().getTime());
  }
}
