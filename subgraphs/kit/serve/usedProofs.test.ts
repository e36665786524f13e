import fc from 'fast-check';
import { UsedProofs } from './usedProofs.ts';

const NOW_MS = 1_000_000;
const END_MS = NOW_MS + 60_000;

describe('the proofs that were used', () => {
  it('are each used once, in any order, whoever signed them', () => {
    const proof = fc.record({ signer: fc.constantFrom('a', 'b'), serial: fc.nat({ max: 20_000 }) });
    fc.assert(
      fc.property(fc.array(proof, { maxLength: 300 }), (proofs) => {
        const used = new UsedProofs();
        const known = new Set<string>();
        for (const { signer, serial } of proofs) {
          const isFirst = !known.has(`${signer} ${serial}`);
          known.add(`${signer} ${serial}`);
          expect(used.use(signer, serial, END_MS, NOW_MS)).toBe(isFirst);
        }
      }),
    );
  });

  it('are told apart for a number beyond what fits into 32 bits', () => {
    const used = new UsedProofs();
    expect(used.use('a', 2 ** 40, END_MS, NOW_MS)).toBe(true);
    expect(used.use('a', 2 ** 40 + 2 ** 32, END_MS, NOW_MS)).toBe(true);
    expect(used.use('a', 2 ** 40, END_MS, NOW_MS)).toBe(false);
  });

  it('are remembered as long as the last of a block holds, and forgotten then', () => {
    const used = new UsedProofs();
    used.use('a', 1, END_MS, NOW_MS);
    used.use('a', 2, END_MS + 5_000, NOW_MS);
    used.use('b', 1, END_MS + 90_000, END_MS + 5_000);
    expect([used.size, used.use('a', 1, END_MS + 90_000, END_MS + 5_000)]).toEqual([2, false]);
    used.use('c', 1, END_MS + 90_000, END_MS + 5_001);
    expect(used.size).toBe(2);
  });

  it('take bounded memory: what cannot be remembered is refused, until there is room again', () => {
    const used = new UsedProofs();
    for (let signer = 0; signer < 5_000; signer++) used.use(`s${signer}`, 1, END_MS, NOW_MS);
    expect([used.size, used.use('one more', 1, END_MS, NOW_MS)]).toEqual([4_096, false]);
    expect(used.use('s1', 2, END_MS, NOW_MS)).toBe(true);
    expect(used.use('one more', 1, END_MS + 61_000, END_MS + 1)).toBe(true);
    expect(used.size).toBe(1);
  });
});
