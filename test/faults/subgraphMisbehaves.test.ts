// Whatever a subgraph answers: the others' fields are there, its own are null with an error that names them, and not a
// word of what it said reaches the client.
import { residentMegabytes, startFaultyGateway } from '../harness/faultyGateway.ts';
import { CANARY, startLiarSubgraph, type LiarSubgraph, type LieName } from '../harness/liarSubgraph.ts';
import { measureUpTo } from '../harness/loadClient.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { startTestGateway, type ClientAnswer, type TestGateway } from '../harness/testGateway.ts';

const QUERY = '{ customer(id: "c1") { id displayName email score } campaigns { name } }';
const CAMPAIGNS = [{ name: 'Spring' }];
const FETCH_TIMEOUT_MS = 1_500;

let liar: LiarSubgraph;
let gateway: TestGateway;
const ask = (lie: LieName, query = QUERY): Promise<ClientAnswer> => {
  liar.lie = lie;
  liar.paths.length = 0;
  return gateway.query(query);
};
const pathsOf = (answer: ClientAnswer): string[] => answer.errors.map((error) => (error.path ?? []).join('.'));

/** Asks a subgraph that lies about everything: its field is null and named, the others' are there, nothing leaks. */
async function expectPartLost(lie: LieName, code: string): Promise<void> {
  const answer = await ask(lie);
  expect(answer.status).toBe(200);
  expect(answer.data).toEqual({ customer: null, campaigns: CAMPAIGNS });
  expect([...new Set(answer.codes)]).toEqual([code]);
  expect(pathsOf(answer)[0]).toMatch(/^customer/);
  expect(answer.text).not.toContain(CANARY);
  expect(answer.text).not.toContain(new URL(liar.url).port);
  expect(answer.text).not.toMatch(/ada@example|stack|127\.0\.0\.1/);
  expect(answer.extensions).toBeUndefined();
}

beforeAll(async () => {
  liar = await startLiarSubgraph('empty object');
  gateway = await startTestGateway({
    addresses: { customers: liar.url },
    env: { CRM_FETCH_TIMEOUT_MS: String(FETCH_TIMEOUT_MS), CRM_REQUEST_TIMEOUT_MS: '10000' },
  });
});
afterAll(async () => {
  await gateway.stop();
  await liar.stop();
});
afterEach(async () => {
  const { status } = await gateway.health();
  expect(status).toBe(200);
});

describe('S6: a subgraph that answers what is no JSON of ours', () => {
  it.each<LieName>([
    'html',
    'garbage',
    'truncated JSON',
    'not UTF-8',
    'another charset',
    'another encoding',
    'prototype keys',
  ])('and sends %s costs its own fields alone', (lie) => expectPartLost(lie, 'SUBGRAPH_BAD_ANSWER'));

  it('has an error on its part, never a changed value, where bytes are flipped on the way', async () => {
    const flipped = await startFaultyGateway({ env: { CRM_FETCH_TIMEOUT_MS: '1000' } });
    const right = (await flipped.query(QUERY)).data;
    for (const everyBytes of [20, 75, 130, 190, 200, 210, 220]) {
      await flipped.links.customers.set({ kind: 'corrupt', everyBytes });
      const answer = await flipped.query(QUERY);
      const lost = { ...right, customer: null };
      expect([everyBytes, answer.status, answer.data]).toEqual([
        everyBytes,
        200,
        answer.errors.length > 0 ? lost : right,
      ]);
      expect(answer.codes.filter((code) => !/^SUBGRAPH_/.test(code))).toEqual([]);
    }
    await flipped.links.customers.set({ kind: 'slices' });
    expect(await flipped.query(QUERY)).toMatchObject({ data: right, errors: [] });
    await flipped.stop();
  });
});

describe('S7: a subgraph that answers what was not asked', () => {
  it.each<LieName>(['empty object', 'null data', 'no root field', 'object for list', 'errors alone'])(
    'and sends %s costs its own fields alone',
    (lie) => expectPartLost(lie, 'SUBGRAPH_BAD_ANSWER'),
  );

  it.each<[LieName, string[]]>([
    ['absent field', ['customer.displayName', 'customer.email', 'customer.score']],
    ['wrong scalar', ['customer.email', 'customer.score']],
    ['null where none may be', ['customer.displayName']],
  ])('and sends %s: each wrong field is null with an error at its path', async (lie, paths) => {
    const answer = await ask(lie);
    expect(pathsOf(answer)).toEqual(paths);
    expect([...new Set(answer.codes)]).toEqual(['SUBGRAPH_BAD_ANSWER']);
    expect(answer.data?.['campaigns']).toEqual(CAMPAIGNS);
  });

  it('keeps the fields that are right beside a wrong scalar', async () => {
    const answer = await ask('wrong scalar');
    expect(answer.data?.['customer']).toEqual({ id: 'c1', displayName: 'A', email: null, score: null });
  });

  it.each<LieName>(['fewer entities', 'more entities', 'no entities'])(
    'and sends %s: no entity gets the part of another, each is null with an error at its path',
    async (lie) => {
      const marketing = await startLiarSubgraph(lie);
      const other = await startTestGateway({ addresses: { marketing: marketing.url } });
      const answer = await other.query('{ customers(first: 2) { id consents } }');
      await other.stop();
      await marketing.stop();
      const customers = ['c1', 'c2'].map((id) => ({ id, consents: null }));
      expect([answer.status, answer.data]).toEqual([200, { customers }]);
      expect(pathsOf(answer)).toEqual(['customers.0.consents', 'customers.1.consents']);
      expect([...new Set(answer.codes)]).toEqual(['SUBGRAPH_BAD_ANSWER']);
    },
  );
});

describe('S8: a subgraph that answers data and errors', () => {
  it.each<[LieName, string[]]>([
    ['data and errors', ['customer.email']],
    ['an error without a path', ['customer']],
    ['a path of its own words', ['customer.email']],
  ])('and sends %s: both are passed on, the error masked and at its path', async (lie, paths) => {
    const answer = await ask(lie);
    expect(pathsOf(answer)).toEqual(paths);
    expect([...new Set(answer.codes)]).toEqual(['SUBGRAPH_BAD_ANSWER']);
    expect(answer.data?.['campaigns']).toEqual(CAMPAIGNS);
    expect(answer.text).not.toContain(CANARY);
  });

  it('may not use a code of ours that is not about its input', () =>
    expectPartLost('a code of ours it may not use', 'SUBGRAPH_BAD_ANSWER'));

  it('may speak to the client in the codes that are about its input', async () => {
    const answer = await ask('a spoken refusal');
    expect(answer.errors).toEqual([
      { message: 'The id is malformed.', path: ['customer'], extensions: { code: 'INVALID_ID' } },
    ]);
  });

  it('may refuse the client’s input as a whole, which is then a 400', async () => {
    const refused = await ask('a refused variable', '{ customer(id: "c1") { id } }');
    expect([refused.status, refused.codes]).toEqual([400, ['BAD_USER_INPUT']]);
    expect(refused.errors[0]).toMatchObject({ message: 'customer: The time is malformed.', path: ['customer'] });
    const partly = await ask('a refused variable');
    expect([partly.status, partly.data?.['campaigns']]).toEqual([200, CAMPAIGNS]);
  });

  it('cannot put the words between gateway and subgraph into a client’s path', async () => {
    const marketing = await startLiarSubgraph('errors at entities');
    const other = await startTestGateway({ addresses: { marketing: marketing.url } });
    const answer = await other.query('{ customers(first: 1) { id consents } }');
    await other.stop();
    await marketing.stop();
    expect(answer.data).toEqual({ customers: [{ id: 'c1', consents: null }] });
    expect(answer.errors.map((error) => error.path)).toEqual([['customers', 0, 'consents'], undefined, undefined]);
    expect(answer.text).not.toMatch(/_entities|@|canary/);
  });

  it('has its words in the log, and nowhere else', async () => {
    const answer = await ask('HTTP 500 with secrets');
    const requestId = answer.headers.get('x-request-id');
    const line = await waitUntil(() => gateway.requestLines().find((found) => found['requestId'] === requestId));
    expect(line).toMatchObject({ codes: ['SUBGRAPH_BAD_ANSWER'], details: [{ subgraph: 'customers' }] });
  });
});

describe('S9: a subgraph whose answer is too long or never ends', () => {
  const TIMES = 12;
  const KEPT_MEGABYTES_MAX = 16;

  it.each<[LieName, string]>([
    ['sixty megabytes', 'SUBGRAPH_BAD_ANSWER'],
    ['drips', 'SUBGRAPH_TIMEOUT'],
    ['a byte a second', 'SUBGRAPH_TIMEOUT'],
  ])('and sends %s costs its own fields alone, with %s', (lie, code) => expectPartLost(lie, code));

  it('takes at most 16 MB of memory for sixty megabytes', async () => {
    const { pid } = gateway.process.child;
    const askOften = async (): Promise<number> => {
      let highest = 0;
      for (let count = 0; count < TIMES; count++) {
        const asked = ask('sixty megabytes');
        let isOver = false;
        void asked.finally(() => (isOver = true));
        await waitUntil(async () => {
          highest = Math.max(highest, await residentMegabytes(pid));
          return isOver;
        });
      }
      return highest;
    };
    await askOften();
    const measure = async (): Promise<number> => {
      const before = await residentMegabytes(pid);
      return (await askOften()) - before;
    };
    const grown = await measureUpTo(3, measure, (megabytes) => megabytes <= KEPT_MEGABYTES_MAX);
    expect(grown).toBeLessThanOrEqual(KEPT_MEGABYTES_MAX);
  });

  it('answers 504 when the whole time passes and nothing is there', async () => {
    const impatient = await startTestGateway({
      addresses: { customers: liar.url },
      env: { CRM_FETCH_TIMEOUT_MS: '4000', CRM_REQUEST_TIMEOUT_MS: '1200' },
    });
    liar.lie = 'hangs';
    const nothing = await impatient.query('{ customer(id: "c1") { id } }');
    const something = await impatient.query(QUERY);
    await impatient.stop();
    expect([nothing.status, nothing.codes]).toEqual([504, ['DEADLINE_EXCEEDED']]);
    expect([something.status, something.data?.['campaigns']]).toEqual([200, CAMPAIGNS]);
  });
});

describe('S10: a subgraph that answers with another status', () => {
  it.each<LieName>(['redirects', 'HTTP 401', 'HTTP 500 with secrets'])('and %s costs its own fields alone', (lie) =>
    expectPartLost(lie, 'SUBGRAPH_BAD_ANSWER'),
  );

  it('is not followed elsewhere', async () => {
    await ask('redirects');
    expect(liar.paths).toEqual(['/graphql']);
  });

  it('is given a pause when it asks for one, and is called again after it', async () => {
    const first = await ask('HTTP 429');
    expect(first.codes).toEqual(['SUBGRAPH_BUSY']);
    expect(first.text).not.toContain(CANARY);
    const second = await ask('HTTP 429');
    expect([second.codes, liar.paths]).toEqual([['SUBGRAPH_UNAVAILABLE'], []]);
    await waitUntil(async () => (await ask('data and errors')).data?.['customer']);
  });
});
