import fc from 'fast-check';
import type { SubgraphAnswer, SubgraphFetch } from '../requestState.ts';
import { joinAnswers, splitFetch } from './representations.ts';

const fetchOf = (count: number): SubgraphFetch => ({
  subgraph: 'orders',
  url: 'http://127.0.0.1:1/',
  document: '',
  operationName: undefined,
  variables: { first: 5, representations: Array.from({ length: count }, (_, index) => ({ id: index })) },
  path: [],
  shapes: () => [],
});
const answerTo = (part: SubgraphFetch): SubgraphAnswer => {
  const representations = part.variables['representations'] as { id: number }[];
  const errors = representations.flatMap(({ id }, index) =>
    id % 7 === 0
      ? [{ message: String(id), path: ['_entities', index], extensions: { code: 'INTERNAL' as const } }]
      : [],
  );
  return { data: { _entities: representations.map(({ id }) => ({ n: id })) }, errors };
};

describe('splitting and joining', () => {
  it('gives the answer of the whole, whatever the sizes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), (count, max) => {
        const parts = splitFetch(fetchOf(count), max);
        expect(parts).toHaveLength(Math.ceil(count / max));
        expect(joinAnswers(parts.map(answerTo), max)).toEqual(answerTo(fetchOf(count)));
      }),
    );
  });

  it('leaves null where a part had no answer', () => {
    const parts = splitFetch(fetchOf(5), 2).map(answerTo);
    const joined = joinAnswers(
      [parts[0], { data: null, errors: [] }, parts[2]].filter((part) => part !== undefined),
      2,
    );
    expect(joined.data).toEqual({ _entities: [{ n: 0 }, { n: 1 }, null, null, { n: 4 }] });
  });
});
