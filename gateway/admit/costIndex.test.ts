import { fileURLToPath } from 'node:url';
import { composeSupergraph } from '../../registry/compose.ts';
import { costsOn, SHOP } from '../../test/harness/costSchemas.ts';
import { readExample } from '../../test/harness/testGraph.ts';
import { composeSchema } from '../../test/oracle/federatedSchema.ts';

describe("a supergraph's costs", () => {
  it.each([
    [
      'imported',
      '@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@cost", "@listSize"])',
      'cost',
      'listSize',
    ],
    [
      'imported under other names',
      '@link(url: "https://specs.apollo.dev/federation/v2.9", import: [{name: "@cost", as: "@weighs"}, {name: "@listSize", as: "@size"}])',
      'weighs',
      'size',
    ],
    ['not imported', '@link(url: "https://specs.apollo.dev/federation/v2.9", as: "fed")', 'fed__cost', 'fed__listSize'],
  ])('are known however the directives are %s', async (_, link, cost, size) => {
    const subgraphs = {
      one: `extend schema ${link}
        type Query { a(n: Int @${cost}(weight: 3)): [A] @${size}(slicingArguments: ["n"], requireOneSlicingArgument: false) }
        type A @${cost}(weight: 4) { id: ID }`,
    };
    const { supergraph } = await composeSchema({ name: 'costs', subgraphs });
    expect(costsOn(supergraph)('{ a(n: 2) { id } }').estimate({})).toBe(11);
  });

  it('are not those of directives that only have their names', () => {
    const sdl = SHOP.replace('https://specs.apollo.dev/cost/v0.1', 'https://example.com/cost/v0.1');
    expect(costsOn(sdl)('{ dear items { name } }').estimate({})).toBe(10);
  });

  it('may be texts, and are never below zero', () => {
    const sdl = SHOP.replace('weight: Int!', 'weight: String!').replace('@cost(weight: 50)', '@cost(weight: "1.5")');
    expect(costsOn(sdl)('{ named { ...on Rare { name } } }').estimate({})).toBe(2);
    expect(costsOn(SHOP.replace('weight: 6', 'weight: -6'))('{ item { heavy } }').estimate({})).toBe(1);
  });
});

describe("the CRM graph's costs", () => {
  it.each([
    ['customer360', 55],
    ['behaviourSegment', 65],
    ['orderList', 81],
    ['campaignAttribution', 201],
  ])('let the golden query %s cost %d points', async (name, points) => {
    const composed = await composeSupergraph(fileURLToPath(new URL('../../supergraph.yaml', import.meta.url)));
    if (!composed.ok) throw new Error(composed.messages.join('\n'));
    const { query, variables } = await readExample(name);
    expect(costsOn(composed.supergraph)(query).estimate(variables)).toBe(points);
  });
});
