import { composeSchema, type FederatedSchema } from '../../test/oracle/federatedSchema.ts';
import { REQUIRES_CHAIN, REQUIRES_CROSSED } from '../../test/oracle/schemas/requires.ts';
import { openPlanner, type PlanNode } from './planner.ts';
import { prepareSupergraph } from './prepareSupergraph.ts';

async function openPlans(schema: FederatedSchema): Promise<(query: string) => string[]> {
  const planner = openPlanner(prepareSupergraph((await composeSchema(schema)).supergraph));
  return (query) => fetchesOf(planner.plan(query, undefined), '');
}

/** The fetches of a plan in the order in which they run: where, at which path, with which operation. */
function fetchesOf(node: PlanNode | undefined, path: string): string[] {
  switch (node?.kind) {
    case 'Fetch':
      return [`${node.serviceName} ${path}${node.operation}`];
    case 'Flatten':
      return fetchesOf(node.node, `${node.path.join('.')} `);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap((inner) => fetchesOf(inner, path));
    default:
      return [];
  }
}

const entities = (selection: string): string =>
  `query($representations:[_Any!]!){_entities(representations:$representations){...on Node${selection}}}`;

describe('a plan with a chain of requirements', () => {
  let planOf: (query: string) => string[];
  beforeAll(async () => {
    planOf = await openPlans(REQUIRES_CROSSED);
  });

  it('comes back to a subgraph for what it can only say once it was told: e needs d, d needs a', () => {
    expect(planOf('{r{e}}')).toEqual([
      'right {r{__typename id}}',
      `left r ${entities('{a}')}`,
      `right r ${entities('{d}')}`,
      `left r ${entities('{e}')}`,
    ]);
  });

  it('still asks for what the client wants beside it, and keeps the variables of the fetch', () => {
    expect(planOf('query($n:Int){r(n:$n){a e}}')).toEqual([
      'right query($n:Int){r(n:$n){__typename id}}',
      `left r ${entities('{a}')}`,
      `right r ${entities('{d}')}`,
      `left r ${entities('{a e}')}`,
    ]);
  });

  it('is left as it is where everything is told in time, in lists too', () => {
    expect(planOf('{l{b e}}')).toEqual([
      'left {l{__typename id a b}}',
      `right l.@ ${entities('{d}')}`,
      `left l.@ ${entities('{e}')}`,
    ]);
  });

  it('never asks a field before its input, whatever is asked', async () => {
    const planOfCars = await openPlans(REQUIRES_CHAIN);
    const inputs = { d: 'a', e: 'd', f: 'b', power: 'mass', drag: 'dims', speed: 'drag', tax: 'speed' };
    const plans = [
      ...['{r{e d}}', '{r{i}}', '{r{f e d}}', '{l{i e}}', '{r(n:1){i k e}}'].map(planOf),
      ...['{race{tax}}', '{race{speed tax bill{total}}}', '{cars{tax(year:1)grip}}'].map(planOfCars),
    ];
    for (const plan of plans) {
      for (const [field, input] of Object.entries(inputs)) {
        const asks = (name: string): number => plan.findIndex((fetch) => new RegExp(`[{} ]${name}\\b`).test(fetch));
        if (asks(field) >= 0) expect([plan, asks(input) < asks(field) && asks(input) >= 0]).toEqual([plan, true]);
      }
    }
  });
});
