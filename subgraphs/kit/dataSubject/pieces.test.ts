import fc from 'fast-check';
import { MESSAGE_BYTES_MAX } from '../../../sync/brokers/broker.ts';
import { inPieces } from './pieces.ts';

/** How much of an event is beside the piece: its envelope, and what sealing adds. */
const BESIDE_BYTES = 4_096;
const text = fc.oneof(
  ...['a', '"', '\\', '\n', 'é', '漢', '😀'].map((unit) => fc.nat(9_000).map((count) => unit.repeat(count))),
);

describe('what is held of a person', () => {
  it('comes whole and in its order, and each piece into an event', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ note: text }), { maxLength: 60 }), (documents) => {
        const pieces = inPieces(documents);
        expect(pieces.flatMap((piece) => JSON.parse(piece) as unknown[])).toEqual(documents);
        for (const piece of pieces) {
          const sealed = Math.ceil(Buffer.byteLength(JSON.stringify(piece)) / 3) * 4;
          expect(sealed + BESIDE_BYTES).toBeLessThan(MESSAGE_BYTES_MAX);
        }
      }),
      { numRuns: 50 },
    );
  });
});
