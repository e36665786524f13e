import type { Explanation } from '../requestState.ts';
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
const joined = (subgraph: string, path: string[], joinedTo: number) => ({
  ...made(subgraph, path, 3, 2),
  bytes: 0,
  databaseCommands: [],
  joinedTo,
});
const treeOf = (node: object) => planTreeOf(node, (name) => name);
const fetchNode = (serviceName: string) => ({ kind: 'Fetch', serviceName, operation: '{ a }' });
const at = (path: string, serviceName: string) => ({ kind: 'Flatten', path: [path], node: fetchNode(serviceName) });

const STEPS: Explanation['steps'] = [
  { step: 'receive', ms: 1.234 },
  { step: 'admit', ms: 0.5 },
  { step: 'wait', ms: 0.001 },
  { step: 'plan', ms: 2 },
  { step: 'fetch', ms: 6 },
  { step: 'respond', ms: 0.25 },
];
const explained = (node: object | undefined, fetches: Explanation['fetches'], steps = STEPS) => ({
  plan: node && treeOf(node),
  isPlanKnown: true,
  fetches,
  recalled: [],
  steps,
});

describe('renderExplanation', () => {
  it('draws the plan with each fetch and its database commands, then the times and totals', () => {
    const node = {
      kind: 'Sequence',
      nodes: [fetchNode('customers'), { kind: 'Parallel', nodes: [at('customers', 'orders'), at('x', 'marketing')] }],
    };
    const fetches = [made('customers', [], 0), made('orders', ['customers'], 3, 1)];
    expect(renderExplanation(concludeExplanation(explained(node, fetches), 10.1))).toBe(
      [
        'sequence',
        '├─ fetch customers  request 1: 2.0 ms (from 0.0 ms), 10 bytes, 1 database command',
        '│  └─ find customers  1.0 ms',
        '└─ parallel',
        '   ├─ fetch orders at customers  request 2: 2.0 ms (from 3.0 ms), 1 entity, 10 bytes, 1 database command',
        '   │  └─ find orders  1.0 ms',
        '   └─ fetch marketing at x  (not made)',
        'time:',
        '  receive     1.23 ms',
        '  admit       0.50 ms',
        '  wait        0.00 ms',
        '  plan        2.00 ms  known before',
        '  fetch       6.00 ms  4.00 ms for subgraphs to answer, 2.00 ms own work',
        '  respond     0.25 ms',
        '  rest        0.12 ms  between the steps',
        '  whole      10.10 ms',
        'total: 2 fetches in 2 requests, 2 database commands, 20 bytes, 10.1 ms',
        '',
      ].join('\n'),
    );
  });

  it('shows in whose request a fetch travelled, and counts requests apart', () => {
    const node = { kind: 'Parallel', nodes: [at('a', 'orders'), at('b', 'orders'), at('c', 'marketing')] };
    // In the order of their ends: the first to be sent is the last to be answered.
    const fetches = [made('orders', ['b'], 3, 1), joined('orders', ['a'], 0), made('marketing', ['c'], 1)];
    const text = renderExplanation(concludeExplanation(explained(node, fetches), 10));
    expect(text).toContain('├─ fetch orders at a  with request 2, 2 entities\n├─ fetch orders at b  request 2: 2.0 ms');
    expect(text).toContain('└─ fetch marketing at c  request 1: 2.0 ms');
    expect(text).toContain('total: 3 fetches in 2 requests, 2 database commands');
  });

  it('gives each node of one place a fetch', () => {
    const node = { kind: 'Sequence', nodes: [at('a', 'orders'), at('a', 'orders')] };
    const fetches = [made('orders', ['a'], 1, 1), made('orders', ['a'], 3, 1)];
    const text = renderExplanation(concludeExplanation(explained(node, fetches), 10));
    expect(text.match(/fetch orders at a {2}request \d/g)).toEqual([
      'fetch orders at a  request 1',
      'fetch orders at a  request 2',
    ]);
  });

  it('shows the parts of a split fetch under it', () => {
    const fetches = [made('orders', ['a'], 1, 500), made('orders', ['a'], 1, 9)];
    const text = renderExplanation(concludeExplanation(explained(at('a', 'orders'), fetches), 5));
    expect(text).toContain('fetch orders at a  in 2 parts');
    expect(text).toContain('total: 2 fetches in 2 requests');
  });

  it('says when nothing is fetched', () => {
    const text = renderExplanation(concludeExplanation(explained(undefined, [], []), 1));
    expect(text).toMatch(/^plan: nothing to fetch\ntime:\n {2}rest {8}1\.00 ms .*\ntotal: 0 fetches in 0 requests/s);
  });
});

describe('concludeExplanation', () => {
  it('gives parts that add up to the whole, however they are rounded', () => {
    const steps = Array.from({ length: 7 }, () => ({ step: 'plan' as const, ms: 0.0149 }));
    const { steps: told, totals } = concludeExplanation(explained(undefined, [], steps), 0.1);
    expect(told.reduce((sum, { ms }) => sum + ms, totals.restMs)).toBeCloseTo(totals.ms, 9);
  });

  it('counts time once in which several requests were on their way', () => {
    const fetches = [made('a', [], 0), made('b', [], 1), made('c', [], 5)];
    expect(concludeExplanation(explained(undefined, fetches), 9).totals.waitedMs).toBe(5);
  });

  it('tells at each fetch how many entities were kept, and in the place of one that was not made', () => {
    const node = {
      kind: 'Sequence',
      nodes: [fetchNode('customers'), { kind: 'Parallel', nodes: [at('customers', 'orders'), at('x', 'marketing')] }],
    };
    const recalled = [
      { subgraph: 'customers', path: [], entities: 1 },
      { subgraph: 'orders', path: ['customers'], entities: 3 },
    ];
    const explanation = { ...explained(node, [made('orders', ['customers'], 3, 2)]), recalled };
    const lines = renderExplanation(concludeExplanation(explanation, 10)).split('\n');
    expect(lines.filter((line) => line.includes('─ fetch '))).toEqual([
      '├─ fetch customers  (1 entity from the cache)',
      '   ├─ fetch orders at customers  request 1: 2.0 ms (from 3.0 ms), 2 entities, 10 bytes, 1 database command, 3 entities from the cache',
      '   └─ fetch marketing at x  (not made)',
    ]);
  });
});
