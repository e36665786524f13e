// What is committed to Kafka never covers a message that is not acknowledged, whatever the order of acknowledgements.
import fc from 'fast-check';
import { AckedOffsets } from './ackedOffsets.ts';

describe('AckedOffsets', () => {
  it('commits the highest offset below which nothing is missing, for any order and any gaps', () => {
    const steps = fc.array(fc.record({ gap: fc.nat(3), order: fc.nat() }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(fc.nat(1_000), steps, (begin, all) => {
        const acked = new AckedOffsets(begin);
        let offset = begin;
        const open = all.map(({ gap, order }) => {
          offset += gap;
          acked.deliver(offset);
          return { offset: offset++, order };
        });
        const left = new Set(open.map((one) => one.offset));
        for (const one of [...open].sort((a, b) => a.order - b.order)) {
          expect(acked.ack(one.offset)).toBe(true);
          expect(acked.ack(one.offset)).toBe(false);
          left.delete(one.offset);
          expect(acked.unacknowledged).toBe(left.size);
          expect(acked.committable).toBeLessThanOrEqual(Math.min(offset, ...left));
        }
        expect(acked.committable).toBe(offset);
      }),
    );
  });
});
