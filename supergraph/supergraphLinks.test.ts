import { parse } from 'graphql';
import { readSupergraphLinks, type SupergraphLinks } from './supergraphLinks.ts';

const TAG = 'https://specs.apollo.dev/tag';
const COST = 'https://specs.apollo.dev/cost';

function linksOf(...links: readonly string[]): SupergraphLinks {
  return readSupergraphLinks(parse(`schema ${links.map((link) => `@link(${link})`).join(' ')} { query: Query }`));
}

describe("a supergraph's links", () => {
  it.each([
    ['as its specification', `url: "${TAG}/v0.3"`, TAG, 'tag', 'tag'],
    ['as its link says', `url: "${TAG}/v0.3", as: "label"`, TAG, 'tag', 'label'],
    ['as its import says', `url: "${COST}/v0.1", import: [{name: "@listSize", as: "@size"}]`, COST, 'listSize', 'size'],
    ['as itself where it is imported so', `url: "${COST}/v0.1", import: ["@listSize"]`, COST, 'listSize', 'listSize'],
    ['behind the link where it is not imported', `url: "${COST}/v0.1", as: "c"`, COST, 'listSize', 'c__listSize'],
  ])('name a directive %s', (_, link, identity, directive, name) => {
    expect(linksOf(link).directiveName(identity, directive)).toBe(name);
  });

  it('name no directive of a specification that is not linked', () => {
    expect(linksOf('url: "https://example.com/tag/v0.3"').directiveName(TAG, 'tag')).toBeUndefined();
  });

  it('claim the types of their specifications alone', () => {
    const links = linksOf('url: "https://specs.apollo.dev/join/v0.5"', `url: "${COST}/v0.1", import: ["Weight"]`);
    expect(['join__Graph', 'Weight', 'cost__Other', 'joiner', 'Query'].filter(links.isLinkedType)).toEqual([
      'join__Graph',
      'Weight',
      'cost__Other',
    ]);
  });
});
