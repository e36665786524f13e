import {
  deriveSubgraphSecret,
  encodeCaller,
  makeProof,
  PROOF_HEADER,
  proofKey,
} from '../../../contracts/gatewayProof.ts';
import { systemClock } from '../../../platform/clock.ts';
import { GatewayVerifier, proofSecretsOf } from './verifyGateway.ts';

const NONE = {
  CRM_PROOF_SECRET: undefined,
  CRM_PROOF_SECRET_PREVIOUS: undefined,
  CRM_PROOF_SUBGRAPH_SECRET: undefined,
  CRM_PROOF_SUBGRAPH_SECRET_PREVIOUS: undefined,
};
const NEW = 'n'.repeat(32);
const OLD = 'o'.repeat(32);

let serial = 0;
function proofBy(sharedSecret: string, body: string): { headers: Record<string, string> } {
  const nowMs = systemClock.now().getTime();
  const caller = encodeCaller({ subgraph: 'orders', tenantId: 'main', actor: 'key:a', scopes: '' });
  const fetch = {
    requestId: 'r',
    deadlineMs: nowMs + 1_000,
    issuedMs: nowMs,
    signer: 's',
    serial: serial++,
    explain: false,
  };
  const key = proofKey(deriveSubgraphSecret(sharedSecret, 'orders'));
  return { headers: { [PROOF_HEADER]: makeProof(key, caller, fetch, body) } };
}

/** Says which of both secrets a subgraph with these settings accepts. */
function accepted(settings: Partial<Record<keyof typeof NONE, string>>): string[] {
  const verifier = new GatewayVerifier(proofSecretsOf({ ...NONE, ...settings }, 'orders'), 'orders', systemClock);
  return Object.entries({ new: NEW, old: OLD }).flatMap(([name, secret]) => {
    const head = verifier.verifyHead(proofBy(secret, 'body'));
    return head !== undefined && verifier.admit(head, Buffer.from('body')) ? [name] : [];
  });
}

describe('the gateway as a subgraph knows it', () => {
  it('is known by the shared secret, by the subgraph’s own, and while they are changed by the one before', () => {
    const own = { new: deriveSubgraphSecret(NEW, 'orders'), old: deriveSubgraphSecret(OLD, 'orders') };
    expect(accepted({ CRM_PROOF_SECRET: NEW })).toEqual(['new']);
    expect(accepted({ CRM_PROOF_SECRET: NEW, CRM_PROOF_SECRET_PREVIOUS: OLD })).toEqual(['new', 'old']);
    expect(accepted({ CRM_PROOF_SUBGRAPH_SECRET: own.new })).toEqual(['new']);
    expect(accepted({ CRM_PROOF_SUBGRAPH_SECRET: own.new, CRM_PROOF_SUBGRAPH_SECRET_PREVIOUS: own.old })).toEqual([
      'new',
      'old',
    ]);
    expect(accepted({ CRM_PROOF_SUBGRAPH_SECRET: deriveSubgraphSecret(NEW, 'customers') })).toEqual([]);
  });

  it('is answered once for each proof, and not for another body', () => {
    const verifier = new GatewayVerifier([deriveSubgraphSecret(NEW, 'orders')], 'orders', systemClock);
    const head = verifier.verifyHead(proofBy(NEW, 'body'));
    if (head === undefined) throw new Error('the proof does not hold');
    const admitted = ['another', 'body', 'body'].map((body) => verifier.admit(head, Buffer.from(body)));
    expect(admitted).toEqual([false, true, false]);
  });
});
