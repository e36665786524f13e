// Guarantee: whatever a subgraph answers costs its own fields at most; nothing that was not asked for is passed on, no
//   prototype is touched, and the others' fields and requests are answered.
// Attack: entities of another type, too many, too few; fields that nobody asked for, in data, extensions and beside them;
//   `__proto__` in plain and in other letters, `constructor`; JSON of 400,000 levels; 200,000 errors; 60 MB; an endless
//   drip; redirects; other content types.
// Learned from: reliability.md, F4 to F7. More ways, with memory and time: test/faults/subgraphMisbehaves.test.ts.
import { CANARY, startLiarSubgraph, type LiarSubgraph, type LieName } from '../harness/liarSubgraph.ts';
import { startTestGateway, type ClientAnswer, type TestGateway } from '../harness/testGateway.ts';

const QUERY = '{ customer(id: "c1") { id displayName email score } campaigns { name } }';
const CAMPAIGNS = [{ name: 'Spring' }];
const WHOLE = { id: 'c1', displayName: 'Ada', email: null, score: 7 };

let liar: LiarSubgraph;
let hostileMarketing: LiarSubgraph;
let gateway: TestGateway;
let other: TestGateway;

beforeAll(async () => {
  [liar, hostileMarketing] = await Promise.all([startLiarSubgraph('hangs'), startLiarSubgraph('hangs')]);
  const env = { CRM_FETCH_TIMEOUT_MS: '1500' };
  gateway = await startTestGateway({ env, addresses: { customers: liar.url } });
  other = await startTestGateway({ env, addresses: { marketing: hostileMarketing.url } });
});
afterAll(() => Promise.all([gateway.stop(), other.stop(), liar.stop(), hostileMarketing.stop()]));

const ask = (lie: LieName): Promise<ClientAnswer> => {
  liar.lie = lie;
  return gateway.query(QUERY);
};
const askMarketing = (lie: LieName): Promise<ClientAnswer> => {
  hostileMarketing.lie = lie;
  return other.query('{ customers(first: 2) { id consents } orders(first: 1) { number } }');
};

/** What the customer is once all that is wrong about it is null, and which of its fields the errors name. */
function lostFields(answer: ClientAnswer): string[] {
  return answer.errors.map(({ path = [] }) => path.join('.'));
}

describe('G5: a hostile subgraph', () => {
  it.each<LieName>([
    'prototype keys',
    'a prototype in other letters',
    'a constructor',
    'deep lists',
    'a million errors',
    'sixty megabytes',
    'drips',
    'redirects',
    'html',
    'another charset',
    'garbage',
  ])('that sends %s has an error on its own part, and the others are answered', async (lie) => {
    const answer = await ask(lie);
    expect([answer.status, answer.data]).toEqual([200, { customer: null, campaigns: CAMPAIGNS }]);
    expect(answer.errors.length).toBeGreaterThan(0);
    expect(answer.errors.length).toBeLessThanOrEqual(200);
    expect(answer.text).not.toContain(CANARY);
  });

  it.each<LieName>(['fields that nobody asked for', 'deep objects that nobody asked for', 'one key many times'])(
    'that sends %s has those dropped that were not asked for, and no error',
    async (lie) => {
      const answer = await ask(lie);
      expect([answer.data, answer.errors, answer.extensions]).toEqual([
        { customer: WHOLE, campaigns: CAMPAIGNS },
        [],
        undefined,
      ]);
      expect(answer.text).not.toContain(CANARY);
    },
  );

  it('that sends 400,000 lists in each other where a list belongs has an error there', async () => {
    liar.lie = 'deep lists of entities';
    const { status, data, codes } = await gateway.query(
      '{ customers(first: 1) { id orders(first: 1) { number } consents } campaigns { name } }',
    );
    // The field may not be null, and neither may what is around it.
    expect([status, data, codes[0]]).toEqual([200, null, 'SUBGRAPH_BAD_ANSWER']);
    const answer = await askMarketing('deep lists for a field of an entity');
    expect([answer.status, answer.data?.['orders']]).toEqual([200, [{ number: 'N-1' }]]);
    expect(lostFields(answer)[0]).toMatch(/^customers.0.consents/);
  });

  it('that sends 200,000 levels where a text belongs has an error there', async () => {
    const answer = await ask('deep objects');
    expect([answer.status, answer.data?.['campaigns']]).toEqual([200, CAMPAIGNS]);
    expect(lostFields(answer)[0]).toMatch(/^customer/);
  });

  it.each<LieName>([
    'deep lists for entities',
    'entities of another type',
    'more entities',
    'fewer entities',
    'no entities',
    'a prototype in an entity',
  ])('that is asked for entities and sends %s gives none of them another’s fields', async (lie) => {
    const answer = await askMarketing(lie);
    const customers = ['c1', 'c2'].map((id) => ({ id, consents: null }));
    expect([answer.status, answer.data]).toEqual([200, { customers, orders: [{ number: 'N-1' }] }]);
    expect(lostFields(answer)).toEqual(['customers.0.consents', 'customers.1.consents']);
    expect(answer.text).not.toContain(CANARY);
  });

  it('has changed nothing for who comes after', async () => {
    const { status, data } = await other.query(
      '{ customers(first: 1) { id displayName orders(first: 1) { number } } }',
    );
    const customer = { id: 'c1', displayName: 'Name of c1', orders: [{ number: 'N-1' }] };
    expect([status, data]).toEqual([200, { customers: [customer] }]);
    expect([(await gateway.health()).status, gateway.process.child.exitCode]).toEqual([200, null]);
  });
});
