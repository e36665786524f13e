// Guarantee: a proof opens one answer, of one subgraph, for one body, within 30 s (and 30 s that clocks may differ). Every
//   other use of it is refused with the answer that strangers get. Secrets can be changed without a gap.
// Attack: replay it, at once and many times at once; put it on another body; show it to another subgraph, also one that
//   knows the same shared secret; turn the clock; forge, cut and downgrade it; send two.
// Learned from: JWT's `alg: none` and key confusion; webhook signatures without a time; replayed service tokens.
import { createHmac } from 'node:crypto';
import type { Connection } from 'mongoose';
import { deriveSubgraphSecret, PROOF_HEADER } from '../../contracts/gatewayProof.ts';
import { drawSecret } from '../../platform/random.ts';
import { proofHeader } from '../harness/proofHeader.ts';
import { sendRaw, type RawAnswer } from '../harness/rawRequest.ts';
import { startTestSubgraph, type TestSubgraph } from '../harness/subgraphClient.ts';

const BODY = JSON.stringify({ query: '{ orders { totalCount } }' });
const REFUSED = '{"errors":[{"message":"Subgraphs answer their gateway alone.","extensions":{"code":"GATEWAY_ONLY"}}]}';

/** Shows proofs, each in a header of its own, with a body. */
function show(url: string, proofs: readonly string[], body = BODY): Promise<RawAnswer> {
  const headers = ['content-type', 'application/json', ...proofs.flatMap((proof) => [PROOF_HEADER, proof])];
  return sendRaw(url, { headers, body });
}

const proofOf = (...words: Parameters<typeof proofHeader>): string => proofHeader(...words)[PROOF_HEADER] ?? '';

describe('K15: proofs that are not what they should be', () => {
  let subgraph: TestSubgraph<Connection>;
  const fresh = (changes: Parameters<typeof proofHeader>[3] = {}): string =>
    proofOf(subgraph.secret, 'orders', BODY, changes);

  beforeAll(async () => {
    subgraph = await startTestSubgraph('orders', (connection) => connection);
  });
  afterAll(() => subgraph.stop());

  it('are answered once, however often and however fast they are shown', async () => {
    const proof = fresh();
    const answers = await Promise.all(Array.from({ length: 20 }, () => show(subgraph.url, [proof])));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(401)]);
    expect(await show(subgraph.url, [proof])).toMatchObject({ status: 401, text: REFUSED });
  });

  it('are not used up by who shows them with another body', async () => {
    const proof = fresh();
    const other = JSON.stringify({ query: '{ _service { sdl } }' });
    expect(await show(subgraph.url, [proof], other)).toMatchObject({ status: 401, text: REFUSED });
    expect((await show(subgraph.url, [proof])).status).toBe(200);
  });

  it('are refused with one answer, whatever is wrong with them', async () => {
    const nowMs = Date.now();
    const [version = '', who = '', when = '', hash = ''] = fresh().split('.');
    const unsigned = `${version}.${who}.${when}.${hash}`;
    const sharedSigned = createHmac('sha256', subgraph.secret).update(unsigned).digest('base64url');
    const wrong: readonly string[][] = [
      [],
      [`${unsigned}.`],
      [`v1.${who}.${when}.${hash}.${sharedSigned}`],
      [`${Buffer.from('{"alg":"none"}').toString('base64url')}.${who}.`],
      // Signed with the shared secret itself, as a subgraph that knows it might: each has a secret of its own.
      [`${unsigned}.${sharedSigned}`],
      [
        `${unsigned}.${createHmac('sha512', deriveSubgraphSecret(subgraph.secret, 'orders')).update(unsigned).digest('base64url')}`,
      ],
      [`${unsigned}.${createHmac('sha256', '').update(unsigned).digest('base64url')}`],
      [proofOf(drawSecret(32), 'orders', BODY)],
      [proofOf(subgraph.secret, 'customers', BODY)],
      [fresh({ subgraph: 'customers' })],
      [fresh({ issuedMs: nowMs - 5 * 60_000 })],
      [fresh({ issuedMs: nowMs + 5 * 60_000 })],
      [fresh({ deadlineMs: nowMs - 5 * 60_000 })],
      [fresh({ tenantId: '' })],
      [fresh({ actor: '' })],
      [fresh(), fresh()],
      [`${fresh()}, ${fresh()}`],
      [fresh().toUpperCase()],
    ];
    const answers = await Promise.all(wrong.map((proofs) => show(subgraph.url, proofs)));
    expect(answers.map(({ status, text }) => [status, text])).toEqual(wrong.map(() => [401, REFUSED]));
  });

  it('are accepted from a clock that differs by less than 30 s', async () => {
    for (const aside of [-29_000, 29_000]) {
      expect((await show(subgraph.url, [fresh({ issuedMs: Date.now() + aside })])).status).toBe(200);
    }
  });

  it('say who wrote what: nothing else a request carries does', async () => {
    const body = JSON.stringify({
      query: `mutation { createProducts(idempotencyKey: "k15", input: [{ sku: "K15", name: "A",
        price: { amountMinor: 1, currency: "EUR" } }]) { code product { createdBy updatedBy } } }`,
    });
    const proof = proofOf(subgraph.secret, 'orders', body, { actor: 'key:abc', scopes: 'orders:write' });
    const headers = ['content-type', 'application/json', PROOF_HEADER, proof, 'x-caller', 'key:other'];
    const { text } = await sendRaw(subgraph.url, { headers, body });
    const answer = JSON.parse(text) as { data: unknown };
    const product = { createdBy: 'key:abc', updatedBy: 'key:abc' };
    expect(answer.data).toEqual({ createProducts: [{ code: 'CREATED', product }] });
  });
});

describe('K15: secrets that are changed', () => {
  const [older, newer] = [drawSecret(32), drawSecret(32)];
  const statusesOf = async (url: string): Promise<number[]> => {
    const answers = [older, newer].map((secret) => show(url, [proofOf(secret, 'orders', BODY)]));
    return (await Promise.all(answers)).map(({ status }) => status);
  };

  it.each([
    ['both while they are changed', { CRM_PROOF_SECRET: newer, CRM_PROOF_SECRET_PREVIOUS: older }, [200, 200]],
    ['the new one alone afterwards', { CRM_PROOF_SECRET: newer }, [401, 200]],
    [
      'its own alone where it knows no more',
      { CRM_PROOF_SUBGRAPH_SECRET: deriveSubgraphSecret(newer, 'orders') },
      [401, 200],
    ],
    [
      'none where it was given that of another',
      { CRM_PROOF_SUBGRAPH_SECRET: deriveSubgraphSecret(newer, 'customers') },
      [401, 401],
    ],
  ])('a subgraph accepts %s', async (_, settings, statuses) => {
    const subgraph = await startTestSubgraph('orders', () => undefined, settings);
    const seen = await statusesOf(subgraph.url);
    await subgraph.stop();
    expect(seen).toEqual(statuses);
  });
});
