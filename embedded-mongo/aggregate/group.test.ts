// A group looks at no more documents than its accumulators need, and says when it needs none.
import fc from 'fast-check';
import { evaluationOptions, groupStage } from '../evaluate.ts';
import type { Doc } from '../values/kinds.ts';

const document = fc.record(
  { a: fc.integer({ min: 0, max: 3 }), b: fc.oneof(fc.integer(), fc.constant(null), fc.array(fc.integer())) },
  { requiredKeys: [] },
);

function grouped(spec: Doc, docs: readonly Doc[]): Doc[] {
  return groupStage(spec, evaluationOptions({})).run(docs);
}

describe('GroupStage', () => {
  it('gives for what it knows by itself what an expression of the same meaning gives', () => {
    fc.assert(
      fc.property(fc.array(document), fc.integer({ min: 1, max: 4 }), (docs, n) => {
        const plain = {
          _id: '$a',
          count: { $sum: 1 },
          sum: { $sum: '$a' },
          first: { $first: '$b' },
          some: { $firstN: { n, input: '$b' } },
        };
        const computed = {
          _id: { $add: ['$a', 0] },
          count: { $sum: { $add: [1, 0] } },
          sum: { $sum: { $add: ['$a', 0] } },
          first: { $first: { $ifNull: ['$b', null] } },
          some: { $firstN: { n: { $add: [n, 0] }, input: { $ifNull: ['$b', null] } } },
        };
        const present = docs.filter(({ a }) => a !== undefined);
        expect(grouped(plain, present)).toEqual(grouped(computed, present));
      }),
    );
  });

  it('needs no more documents once its samples are full, and still counts', () => {
    const spec = { _id: null, count: { $sum: 1 }, first: { $first: '$a' }, some: { $firstN: { n: 2, input: '$a' } } };
    const stage = groupStage(spec, evaluationOptions({}));
    const needed = [1, 2, 3, 4].map((a) => {
      const needs = stage.needsDocument();
      stage.add(needs ? { a } : {});
      return needs;
    });
    expect(needed).toEqual([true, true, false, false]);
    expect(stage.results()).toEqual([{ _id: null, count: 4, first: 1, some: [1, 2] }]);
  });

  it.each([
    { _id: '$a', count: { $sum: 1 } },
    { _id: null, sum: { $sum: '$a' } },
    { _id: null, count: { $sum: 1 }, last: { $last: '$a' } },
    { _id: null, count: { $sum: 1 }, some: { $lastN: { n: 1, input: '$a' } } },
  ])('needs every document for %j', (spec) => {
    const stage = groupStage(spec, evaluationOptions({}));
    stage.add({ a: 1 });
    stage.add({ a: 1 });
    expect(stage.needsDocument()).toBe(true);
  });
});
