import { GraphQLError } from 'graphql';
import type { PlanTree } from '../requestState.ts';
import { tellUnsentFetches } from './unsentFetches.ts';

const away = (...path: (string | number)[]) => new GraphQLError('away', { path });
const fetchOf = (path: (string | number)[], fields: string): PlanTree => ({
  kind: 'fetch',
  subgraph: 's',
  path,
  operation: `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on T { __typename ${fields} } } }`,
});
const pathsOf = (errors: readonly GraphQLError[]) => errors.map(({ path }) => path?.join('.'));
const nothingSent = { variables: {}, isSent: () => false };

describe('fetches that were never sent', () => {
  it('have each of their nulls named, under the alias that the client gave', () => {
    const plan = fetchOf(['list', '@', 'node'], 'mine: score { a } other');
    const data = { list: [{ node: { stats: null, mine: null, other: null } }, { node: { stats: 1, mine: null } }] };
    const told = tellUnsentFetches({ ...nothingSent, plan, data, errors: [away('list', 0, 'node', 'stats')] });
    expect(pathsOf(told)).toEqual(['list.0.node.mine', 'list.0.node.other']);
    expect(told[0]?.extensions).toEqual({ code: 'SUBGRAPH_UNAVAILABLE' });
  });

  it('say nothing of fields that have an error, were not asked for, or were answered', () => {
    const plan = fetchOf(['a'], 'known unasked full');
    const errors = [away('a', 'stats'), away('a', 'known', 'inner')];
    const data = { a: { stats: null, known: null, full: 0 } };
    expect(tellUnsentFetches({ ...nothingSent, plan, data, errors })).toEqual([]);
  });

  it('say nothing when they were sent, when nothing failed there, or when their condition does not hold', () => {
    const plan = fetchOf(['a'], 'score');
    const data = { a: { score: null } };
    const errors = [away('a', 'stats')];
    expect(tellUnsentFetches({ variables: {}, isSent: () => true, plan, data, errors })).toEqual([]);
    expect(tellUnsentFetches({ ...nothingSent, plan, data, errors: [away('b')] })).toEqual([]);
    const condition: PlanTree = { kind: 'condition', variable: 'wanted', then: plan };
    expect(tellUnsentFetches({ ...nothingSent, plan: condition, data, errors })).toEqual([]);
    expect(
      tellUnsentFetches({ ...nothingSent, plan: condition, data, errors, variables: { wanted: true } }),
    ).toHaveLength(1);
  });
});
