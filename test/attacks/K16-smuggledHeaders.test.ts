// Guarantee: a subgraph gets the gateway's own headers and those of the client that gateway.yaml names: no other, however
//   it is written. What says who calls cannot be named there.
// Attack: proofs and callers of the client's own, in every spelling; `Connection` lists that name the gateway's headers, so
//   that a careless proxy strips them; two lengths for one body; a second request inside the first.
// Learned from: HTTP request smuggling and hop-by-hop abuse; services that trust `X-User` from anybody.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveSubgraphSecret, PROOF_HEADER, proofKey, readProof } from '../../contracts/gatewayProof.ts';
import { drawSecret } from '../../platform/random.ts';
import { proofHeader } from '../harness/proofHeader.ts';
import { sendRaw } from '../harness/rawRequest.ts';
import { startProcess } from '../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const SECRET = drawSecret(32);
const BODY = JSON.stringify({ query: '{ orders(first: 1) { number } }' });
const JSON_TYPE = ['content-type', 'application/json'];
const OWN = ['accept', 'connection', 'content-length', 'content-type', 'crm-gateway-proof', 'host', 'x-request-id'];
const SMUGGLED = Object.entries({
  ...proofHeader(SECRET, 'orders', BODY, { actor: 'key:attacker' }),
  'Crm-Gateway-Proof': 'v2.a.b.c.d',
  crm_gateway_proof: 'v2.a.b.c.d',
  'x-gateway-proof': 'a',
  'X-Caller': 'key:attacker',
  'x-scopes': 'customers:read:pii',
  'x-tenant': 'other',
  'x-user': 'admin',
  'x-forwarded-user': 'admin',
  'x-original-url': '/admin',
  'apollo-federation-include-trace': 'ftv1',
  cookie: 'session=attacker',
  forwarded: 'for=127.0.0.1',
  te: 'trailers',
  'proxy-authorization': 'Basic YTpi',
}).flat();

describe('K16: headers that a client would smuggle to a subgraph', () => {
  let gateway: TestGateway;
  const lastHeaders = () => gateway.subgraphs.orders.asked.at(-1)?.headers ?? {};
  const stated = () => {
    const check = { keys: [proofKey(deriveSubgraphSecret(SECRET, 'orders'))], subgraph: 'orders', nowMs: Date.now() };
    return readProof(check, String(lastHeaders()[PROOF_HEADER]))?.statement;
  };

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { CRM_PROOF_SECRET: SECRET } });
  });
  afterAll(() => gateway.stop());

  it('are dropped on arrival: the subgraph sees the gateway’s own, and its statement about the caller', async () => {
    const { status } = await sendRaw(`${gateway.url}/graphql`, { headers: [...JSON_TYPE, ...SMUGGLED], body: BODY });
    expect([status, Object.keys(lastHeaders()).sort()]).toEqual([200, OWN]);
    expect(stated()?.actor).not.toMatch(/attacker/);
  });

  it.each(['crm-gateway-proof, x-request-id', 'close, crm-gateway-proof', 'keep-alive, content-length', 'X-Caller'])(
    'cannot strip what the gateway says, by Connection: %s',
    async (names) => {
      const headers = [...JSON_TYPE, 'connection', names, 'x-request-id', 'req_of_client'];
      const { status } = await sendRaw(`${gateway.url}/graphql`, { headers, body: BODY });
      expect([status, Object.keys(lastHeaders()).sort()]).toEqual([200, OWN]);
      expect(stated()?.requestId).toBe('req_of_client');
    },
  );

  it('cannot hide a second request in the first, by two lengths of one body', async () => {
    const { asked } = gateway.subgraphs.orders;
    const before = asked.length;
    const inner = `0\r\n\r\nPOST /graphql HTTP/1.1\r\nhost: a\r\n${PROOF_HEADER}: a\r\n\r\n`;
    for (const framing of [
      ['content-length', String(inner.length), 'transfer-encoding', 'chunked'],
      ['content-length', '4', 'content-length', '6'],
      ['transfer-encoding', 'chunked', 'transfer-encoding', 'identity'],
    ]) {
      const answer = await sendRaw(`${gateway.url}/graphql`, {
        headers: [...JSON_TYPE, ...framing],
        body: inner,
      }).catch(() => undefined);
      expect(answer?.status ?? 400).toBeGreaterThanOrEqual(400);
    }
    expect(asked.length).toBe(before);
  });

  it('reach no subgraph without a secret either', async () => {
    const open = await startTestGateway();
    await sendRaw(`${open.url}/graphql`, { headers: [...JSON_TYPE, ...SMUGGLED], body: BODY });
    const headers = Object.keys(open.subgraphs.orders.asked.at(-1)?.headers ?? {});
    await open.stop();
    expect(headers.sort()).toEqual(OWN.filter((name) => name !== PROOF_HEADER));
  });

  it.each(['crm-gateway-proof', 'X-Caller', 'x-scopes', 'x-gateway-proof', 'cookie', 'connection'])(
    'cannot be passed on by a setting: gateway.yaml may not name %s',
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), 'crm-headers-'));
      const file = join(folder, 'gateway.yaml');
      await writeFile(file, `all:\n  headers: [${name}]\n`);
      const words = [
        'gateway/main.ts',
        '--access',
        'open',
        '--supergraph',
        gateway.supergraphPath,
        '--port',
        '0',
        '--config',
        file,
      ];
      const outcome = await startProcess(words).then(
        (started) => started.stop(),
        (error: unknown) => String(error),
      );
      await rm(folder, { recursive: true });
      expect(outcome).toMatch(new RegExp(`${name.toLowerCase()} is never passed on`));
    },
  );
});
