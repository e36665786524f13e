import fc from 'fast-check';
import { makeProof, readProof, type GatewayStatement } from './gatewayProof.ts';

const secret = 's'.repeat(32);
const statement: GatewayStatement = {
  requestId: 'r',
  tenantId: 'main',
  actor: 'someone',
  subgraph: 'orders',
  deadlineMs: 1_000_000,
  explain: false,
};
const check = { secret, subgraph: 'orders', nowMs: 1_000_000 };

describe('the gateway proof', () => {
  it('gives back what was stated', () => {
    expect(readProof(check, makeProof(secret, statement, 'body'), 'body')).toEqual(statement);
  });

  it.each([
    ['another body', check, 'other', statement],
    ['another secret', { ...check, secret: 't'.repeat(32) }, 'body', statement],
    ['another subgraph', { ...check, subgraph: 'customers' }, 'body', statement],
    ['a deadline that is long over', { ...check, nowMs: 1_030_001 }, 'body', statement],
    [
      'a statement that lacks a tenant',
      check,
      'body',
      { ...statement, tenantId: undefined } as unknown as GatewayStatement,
    ],
  ])('refuses %s', (_name, checked, body, stated) => {
    expect(readProof(checked, makeProof(secret, stated, 'body'), body)).toBeUndefined();
  });

  it('tolerates clocks that differ by 30 s', () => {
    expect(readProof({ ...check, nowMs: 1_030_000 }, makeProof(secret, statement, ''), '')).toEqual(statement);
  });

  it('refuses any header that was changed or made up', () => {
    const proof = makeProof(secret, statement, 'body');
    fc.assert(
      fc.property(fc.nat(proof.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const changed = proof.slice(0, at) + character + proof.slice(at + 1);
        fc.pre(
          Buffer.from(changed.split('.')[2] ?? '', 'base64url').compare(
            Buffer.from(proof.split('.')[2] ?? '', 'base64url'),
          ) !== 0 ||
            changed.split('.')[1] !== proof.split('.')[1] ||
            !changed.startsWith('v1.'),
        );
        return readProof(check, changed, 'body') === undefined;
      }),
    );
    fc.assert(fc.property(fc.string(), (header) => readProof(check, header, 'body') === undefined));
    expect(readProof(check, undefined, 'body')).toBeUndefined();
  });
});
