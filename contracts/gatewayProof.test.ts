import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import {
  deriveSubgraphSecret,
  encodeCaller,
  isBodyOf,
  makeProof,
  proofKey,
  readProof,
  type ProofCheck,
  type StatedCaller,
  type StatedFetch,
} from './gatewayProof.ts';

const NOW_MS = 1_800_000_000_000;
const SHARED = 's'.repeat(32);
const key = proofKey(deriveSubgraphSecret(SHARED, 'orders'));
const caller: StatedCaller = { subgraph: 'orders', tenantId: 'main', actor: 'key:abc', scopes: 'orders:read' };
const stated: StatedFetch = {
  requestId: 'req_1-2_3',
  deadlineMs: NOW_MS + 10_000,
  issuedMs: NOW_MS,
  signer: 'gateway1',
  serial: 77,
  explain: false,
};
const check: ProofCheck = { keys: [key], subgraph: 'orders', nowMs: NOW_MS };
const proof = makeProof(key, encodeCaller(caller), stated, 'body');
const [, who = '', when = '', bodyHash = '', signature = ''] = proof.split('.');

/** Signs anything, as only who has the key could. */
const signed = (text: string): string =>
  `${text}.${createHmac('sha256', deriveSubgraphSecret(SHARED, 'orders')).update(text).digest('base64url')}`;

describe('the gateway proof', () => {
  it('gives back what was stated, whoever and whatever that is', () => {
    fc.assert(
      fc.property(
        fc.record({
          subgraph: fc.constant('orders'),
          tenantId: fc.string({ minLength: 1, maxLength: 40 }),
          actor: fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }),
          scopes: fc.string({ maxLength: 200 }),
        }),
        fc.record({
          requestId: fc.stringMatching(/^[A-Za-z0-9_-]{8,64}$/),
          deadlineMs: fc.integer({ min: NOW_MS, max: NOW_MS + 60_000 }),
          issuedMs: fc.integer({ min: NOW_MS - 30_000, max: NOW_MS + 30_000 }),
          signer: fc.stringMatching(/^[0-9a-z]{26}$/),
          serial: fc.nat(),
          explain: fc.boolean(),
        }),
        fc.string({ unit: 'grapheme' }),
        (anyCaller, anyFetch, body) => {
          const head = readProof(check, makeProof(key, encodeCaller(anyCaller), anyFetch, body));
          expect(head?.statement).toEqual({ ...anyCaller, ...anyFetch });
          expect(head !== undefined && isBodyOf(head, Buffer.from(body)) && !isBodyOf(head, `${body} `)).toBe(true);
        },
      ),
    );
  });

  it.each<[string, ProofCheck]>([
    ['another secret', { ...check, keys: [proofKey(deriveSubgraphSecret('t'.repeat(32), 'orders'))] }],
    ['the secret of another subgraph', { ...check, keys: [proofKey(deriveSubgraphSecret(SHARED, 'customers'))] }],
    ['no secret at all', { ...check, keys: [] }],
    ['another subgraph with the same secret', { ...check, subgraph: 'customers' }],
    ['a subgraph whose clock is 61 s ahead', { ...check, nowMs: NOW_MS + 60_001 }],
    ['a subgraph whose clock is 31 s behind', { ...check, nowMs: NOW_MS - 30_001 }],
  ])('is refused by %s', (_, other) => {
    expect(readProof(other, proof)).toBeUndefined();
  });

  it('is refused once its deadline is past by more than clocks may differ', () => {
    const late = makeProof(key, encodeCaller(caller), { ...stated, deadlineMs: NOW_MS - 30_001 }, 'body');
    expect(readProof(check, late)).toBeUndefined();
  });

  it('holds for 30 s, with clocks that differ by 30 s', () => {
    for (const nowMs of [NOW_MS + 40_000, NOW_MS - 30_000]) expect(readProof({ ...check, nowMs }, proof)).toBeDefined();
  });

  it('is accepted by the secret before while secrets are rotated, and not after', () => {
    const next = proofKey(deriveSubgraphSecret('n'.repeat(32), 'orders'));
    expect(readProof({ ...check, keys: [next, key] }, proof)).toBeDefined();
    expect(readProof({ ...check, keys: [next] }, proof)).toBeUndefined();
  });

  it.each<[string, string]>([
    ['no signature', `v2.${who}.${when}.${bodyHash}.`],
    ['the algorithm none', `v2.${Buffer.from('{"alg":"none"}').toString('base64url')}.${when}.${bodyHash}.`],
    ['an older version', proof.replace('v2', 'v1')],
    ['another version, signed', signed(`v1.${who}.${when}.${bodyHash}`)],
    ['a part more, signed', signed(`v2.${who}.${when}.${bodyHash}.${bodyHash}`)],
    ['a part less, signed', signed(`v2.${who}.${when}`)],
    ['a caller without tenant, signed', signed(`v2.${encodeCaller({ ...caller, tenantId: '' })}.${when}.${bodyHash}`)],
    ['a caller that is no list, signed', signed(`v2.${Buffer.from('{}').toString('base64url')}.${when}.${bodyHash}`)],
    ['a caller that is no JSON, signed', signed(`v2.${who.slice(0, -4)}.${when}.${bodyHash}`)],
    ['times that are none, signed', signed(`v2.${who}.--1-0-a-1-req_1234.${bodyHash}`)],
    ['padding behind it', `${proof}=`],
    ['a space behind it', `${proof} `],
    ['two proofs in one', `${proof}, ${proof}`],
    ['a header of 20 KB', signed(`v2.${'a'.repeat(20_000)}.${when}.${bodyHash}`)],
    ['a signature in capitals', `v2.${who}.${when}.${bodyHash}.${signature.toUpperCase()}`],
    ['nothing', ''],
  ])('is refused with %s', (_, header) => {
    expect(readProof(check, header)).toBeUndefined();
  });

  it('is refused with any character of it changed, and when it is made up', () => {
    fc.assert(
      fc.property(fc.nat(proof.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const changed = proof.slice(0, at) + character + proof.slice(at + 1);
        fc.pre(changed !== proof);
        return readProof(check, changed) === undefined;
      }),
    );
    fc.assert(fc.property(fc.string(), (header) => readProof(check, header) === undefined));
    expect(readProof(check, undefined)).toBeUndefined();
  });
});

describe('the secret of a subgraph', () => {
  it('is what openssl makes of the shared one, so that an operator can make it too', () => {
    const made = createHmac('sha256', SHARED).update('crm-gateway-proof orders').digest('hex');
    expect(deriveSubgraphSecret(SHARED, 'orders')).toBe(made);
    expect(deriveSubgraphSecret(SHARED, 'customers')).not.toBe(made);
  });
});
