// reliability.md, F1: twenty fragments that each spread the next twice, 1,150 bytes, once cost 40 s. It and its
// relatives are refused before anything is validated or planned, for what reading them costs. What is measured is the
// gateway's processor time, as other work on the machine makes clocks late.
import { processorTimeMs } from '../harness/processorTime.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

/** How much of an attack, and a name that makes it another document, which nobody refused before. */
type Attack = (levels: number, name: string) => string;

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** An operation, and fragments that each hold what `inner` makes of a spread of the next. */
function fan(opening: string, type: string, inner: (next: string, level: number) => string): Attack {
  return (levels, name) => {
    const fragments = upTo(levels).map((level) => {
      const body = level === levels - 1 ? '__typename' : inner(`...F${level + 1}`, level);
      return `fragment F${level} on ${type} { ${body} }`;
    });
    return `${opening.replace('NAME', name)} ${fragments.join(' ')}`;
  };
}

const ofCustomer = 'query NAME { customer(id: "c1") { ...F0 } }';
const FANS: Readonly<Record<string, Attack>> = {
  'named fragments': fan(ofCustomer, 'Customer', (next) => `${next} ${next}`),
  'named fragments under a condition': fan(ofCustomer, 'Customer', (next) => `${next} @skip(if: false) ${next}`),
  'inline fragments': fan(ofCustomer, 'Customer', (next) => `... on Customer { ${next} } ... { ${next} }`),
  'nested fields': fan(ofCustomer, 'Customer', (next) => `friends { ${next} } friends { ${next} }`),
  'an interface and its types': fan(
    'query NAME { node(id: 1) { ...F0 } }',
    'Node',
    (next) => `... on A { ${next} } ${next}`,
  ),
  'root fields': fan('query NAME { ...F0 }', 'Query', (next) => `${next} ${next}`),
  'a mutation': fan(
    'mutation NAME { renameCustomer(id: 1, name: "a") { ...F0 } }',
    'Customer',
    (next) => `${next} ${next}`,
  ),
  'fragments that nobody spreads': fan('query NAME { __typename }', 'Customer', (next) => `${next} ${next}`),
};
const RELATIVES: Readonly<Record<string, Attack>> = {
  aliases: (count, name) =>
    `query ${name} { ${upTo(count * 2)
      .map((at) => `a${at}: __typename`)
      .join(' ')} }`,
  directives: (count, name) => `query ${name} { customers ${'@skip(if: false) '.repeat(count * 3)}{ id } }`,
  'literals that nest': (count, name) =>
    `query ${name} { find(rule: ${'{and: ['.repeat(count)}${']}'.repeat(count)}) }`,
  'literals that are huge': (count, name) =>
    `query ${name} { find(rule: {and: [${'{minimum: 1} '.repeat(count * 50)}]}) }`,
  'a text that is huge': (count, name) => `query ${name} { customer(id: "${'a'.repeat(count * 1_700)}") { id } }`,
  depth: (count, name) => `query ${name} { customers ${'{ friends '.repeat(count)}{ id }${' }'.repeat(count)} }`,
  'a repeated field of a fragment that nobody spreads': (count, name) =>
    `query ${name} { __typename } fragment F on Customer { ${'friends { id } '.repeat(count * 12)} }`,
};
const ALL = { ...FANS, ...RELATIVES };

const REPEATS = 20;
const REFUSAL_MS_MAX = 20;

describe('the gateway refuses what expands beyond bounds', () => {
  let gateway: TestGateway;
  let documents = 0;

  /** Sends an attack anew each time; gives the processor time of one refusal. */
  async function costOf(attack: Attack, levels: number): Promise<number> {
    const processId = gateway.process.child.pid ?? 0;
    const beforeMs = processorTimeMs(processId);
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const { status, codes } = await gateway.query(attack(levels, `Q${documents++}`));
      expect([status, codes]).toEqual([400, ['OPERATION_TOO_LARGE']]);
    }
    return (processorTimeMs(processId) - beforeMs) / REPEATS;
  }

  beforeAll(async () => {
    gateway = await startTestGateway({ env: { CRM_LOG_LEVEL: 'warn' } });
    for (const attack of Object.values(ALL)) await costOf(attack, 20);
  });
  afterAll(() => gateway.stop());

  it.each(Object.entries(ALL))('by %s, in under 20 ms of its processor', async (_, attack) => {
    expect(await costOf(attack, 20)).toBeLessThan(REFUSAL_MS_MAX);
  });

  it.each(Object.entries(FANS))('by %s, at no more than twice the cost for twice the depth', async (_, attack) => {
    const costs = { once: 0, twice: 0 };
    // By turns, so that what else the machine does falls on both.
    for (let round = 0; round < 3; round++) {
      costs.once += await costOf(attack, 100);
      costs.twice += await costOf(attack, 200);
    }
    expect(costs.twice).toBeLessThan(2 * costs.once + 3 * 0.5);
    expect(costs.twice / 3).toBeLessThan(REFUSAL_MS_MAX);
  });

  it('and asked no subgraph for any of it, and still answers', async () => {
    const asked = () => Object.values(gateway.subgraphs).flatMap((subgraph) => subgraph.asked);
    expect(asked()).toEqual([]);
    const { status, data } = await gateway.query('{ customer(id: "c1") { displayName } }');
    expect([status, data]).toEqual([200, { customer: { displayName: 'Name of c1' } }]);
  });
});
