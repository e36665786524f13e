import { createHmac } from 'node:crypto';
import { isBodyOf, PROOF_HEADER, proofKey, readProof } from '../../contracts/gatewayProof.ts';
import { openHandClock } from '../../test/harness/handClock.ts';
import { callerAt } from '../../test/harness/requestStates.ts';
import { openSigner, type SignedCaller } from './signRequest.ts';

const SECRET = 's'.repeat(32);
const PARTNER: SignedCaller = { id: 'key:0123456789ab', scopes: new Set(['orders:read', 'customers:read']) };

function signing(subgraph: string) {
  const clock = openHandClock();
  const signer = openSigner({ secret: SECRET, tenantId: 'acme' }, subgraph, clock);
  // As an operator would make it, not as the code does.
  const key = proofKey(createHmac('sha256', SECRET).update(`crm-gateway-proof ${subgraph}`).digest('hex'));
  const { state } = callerAt(clock, { requestId: 'req_12345678' });
  const read = (header: string | undefined) => {
    const head = readProof({ keys: [key], subgraph, nowMs: clock.now().getTime() }, header);
    if (head === undefined) throw new Error('the proof does not hold');
    return head;
  };
  return { clock, signer, state, read };
}

describe('signing a fetch', () => {
  it('states caller, scopes in their order, tenant, deadline and the moment, for the body, with the subgraph’s own secret', () => {
    const { signer, state, read } = signing('orders');
    const headers = signer.sign('{"query":"{ a }"}', state, PARTNER);
    const head = read(headers[PROOF_HEADER]);
    expect(headers['x-request-id']).toBe('req_12345678');
    expect(head.statement).toMatchObject({
      subgraph: 'orders',
      tenantId: 'acme',
      actor: 'key:0123456789ab',
      scopes: 'customers:read orders:read',
      requestId: 'req_12345678',
      deadlineMs: 11_000,
      issuedMs: 1_000,
      explain: false,
    });
    expect([isBodyOf(head, '{"query":"{ a }"}'), isBodyOf(head, '{"query":"{ b }"}')]).toEqual([true, false]);
  });

  it('is new for each sending, so that a retry is answered', () => {
    const { signer, state, read } = signing('orders');
    const proofs = [0, 1, 2].map(() => signer.sign('body', state, PARTNER)[PROOF_HEADER]);
    const statements = proofs.map((proof) => read(proof).statement);
    expect(statements.map(({ serial }) => serial)).toEqual([0, 1, 2]);
    expect(new Set(statements.map(({ signer: name }) => name)).size).toBe(1);
  });

  it('counts under a name of its own for each process and subgraph', () => {
    const names = ['orders', 'orders', 'customers'].map((subgraph) => {
      const { signer, state, read } = signing(subgraph);
      return read(signer.sign('body', state, PARTNER)[PROOF_HEADER]).statement.signer;
    });
    expect(new Set(names).size).toBe(3);
  });

  it('tells two callers apart, whichever came before', () => {
    const { signer, state, read } = signing('orders');
    const other: SignedCaller = { id: 'person:a:b', scopes: new Set() };
    const callers = [PARTNER, other, PARTNER];
    const actors = callers.map((caller) => read(signer.sign('body', state, caller)[PROOF_HEADER]).statement.actor);
    expect(actors).toEqual(callers.map(({ id }) => id));
  });

  it('is left out without a secret', () => {
    const clock = openHandClock();
    const { state } = callerAt(clock);
    const signer = openSigner({ secret: undefined, tenantId: 'acme' }, 'orders', clock);
    expect(signer.sign('body', state, PARTNER)).toEqual({ 'x-request-id': 'r' });
  });
});
