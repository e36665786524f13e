import { concludeExplanation, renderExplanation } from './explain.ts';
import { planTreeOf } from './planTree.ts';

const made = (subgraph: string, path: string[], startMs: number, representations = 0) => ({
  subgraph,
  path,
  startMs,
  ms: 2,
  representations,
  bytes: 10,
  databaseCommands: [{ command: 'find', collection: subgraph, ms: 1 }],
});
const treeOf = (node: object) => planTreeOf(node, (name) => name);
const fetchNode = (serviceName: string) => ({ kind: 'Fetch', serviceName, operation: '{ a }' });

describe('renderExplanation', () => {
  it('draws the plan with each fetch and its database commands', () => {
    const plan = treeOf({
      kind: 'Sequence',
      nodes: [
        fetchNode('customers'),
        {
          kind: 'Parallel',
          nodes: [
            { kind: 'Flatten', path: ['customers', '@'], node: fetchNode('orders') },
            { kind: 'Condition', condition: 'with', ifClause: fetchNode('marketing') },
          ],
        },
      ],
    });
    const fetches = [made('customers', [], 0), made('orders', ['customers', '@'], 3, 1)];
    expect(renderExplanation(concludeExplanation(plan, fetches, 12.345))).toBe(
      [
        'sequence',
        '├─ fetch customers  2.0 ms (from 0.0 ms), 10 bytes, 1 database command',
        '│  └─ find customers  1.0 ms',
        '└─ parallel',
        '   ├─ fetch orders at customers.@  2.0 ms (from 3.0 ms), 1 entity, 10 bytes, 1 database command',
        '   │  └─ find orders  1.0 ms',
        '   └─ condition $with',
        '      └─ if true',
        '         └─ fetch marketing  (not made)',
        'total: 2 fetches, 2 database commands, 20 bytes, 12.3 ms',
        '',
      ].join('\n'),
    );
  });

  it('shows the calls of a split fetch under it', () => {
    const plan = treeOf({ kind: 'Flatten', path: ['a'], node: fetchNode('orders') });
    const text = renderExplanation(
      concludeExplanation(plan, [made('orders', ['a'], 1, 500), made('orders', ['a'], 1, 9)], 5),
    );
    expect(text).toContain('fetch orders at a  in 2 calls');
    expect(text).toContain('total: 2 fetches');
  });

  it('says when nothing is fetched', () => {
    expect(renderExplanation(concludeExplanation(undefined, [], 1))).toMatch(
      /^plan: nothing to fetch\ntotal: 0 fetches/,
    );
  });
});
