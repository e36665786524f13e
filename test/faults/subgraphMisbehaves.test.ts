// Whatever a subgraph answers (reliability.md, F3-F7, S4-S11): the others' fields are there, its own are null with an
// error that names them, and not a word of what it said reaches the client.
import { CANARY, startLiarSubgraph, type LiarSubgraph, type LieName } from '../harness/liarSubgraph.ts';
import { waitUntil } from '../harness/startProcess.ts';
import { startTestGateway, type ClientAnswer, type TestGateway } from '../harness/testGateway.ts';

const QUERY = '{ customer(id: "c1") { id displayName email score } campaigns { name } }';
const CAMPAIGNS = [{ name: 'Spring' }];

describe('a subgraph that misbehaves', () => {
  let liar: LiarSubgraph;
  let gateway: TestGateway;
  const ask = (lie: LieName, query = QUERY): Promise<ClientAnswer> => {
    liar.lie = lie;
    liar.paths.length = 0;
    return gateway.query(query);
  };
  const pathsOf = (answer: ClientAnswer): string[] => answer.errors.map((error) => (error.path ?? []).join('.'));

  beforeAll(async () => {
    liar = await startLiarSubgraph('empty object');
    gateway = await startTestGateway({
      addresses: { customers: liar.url },
      env: { CRM_FETCH_TIMEOUT_MS: '1500', CRM_REQUEST_TIMEOUT_MS: '10000' },
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

  it.each<[LieName, string]>([
    ['hangs', 'SUBGRAPH_TIMEOUT'],
    ['hangs half-way', 'SUBGRAPH_TIMEOUT'],
    ['drips', 'SUBGRAPH_TIMEOUT'],
    ['html', 'SUBGRAPH_BAD_ANSWER'],
    ['garbage', 'SUBGRAPH_BAD_ANSWER'],
    ['truncated JSON', 'SUBGRAPH_BAD_ANSWER'],
    ['not UTF-8', 'SUBGRAPH_BAD_ANSWER'],
    ['another charset', 'SUBGRAPH_BAD_ANSWER'],
    ['another encoding', 'SUBGRAPH_BAD_ANSWER'],
    ['prototype keys', 'SUBGRAPH_BAD_ANSWER'],
    ['empty object', 'SUBGRAPH_BAD_ANSWER'],
    ['null data', 'SUBGRAPH_BAD_ANSWER'],
    ['no root field', 'SUBGRAPH_BAD_ANSWER'],
    ['object for list', 'SUBGRAPH_BAD_ANSWER'],
    ['sixty megabytes', 'SUBGRAPH_BAD_ANSWER'],
    ['redirects', 'SUBGRAPH_BAD_ANSWER'],
    ['HTTP 401', 'SUBGRAPH_BAD_ANSWER'],
    ['HTTP 500 with secrets', 'SUBGRAPH_BAD_ANSWER'],
    ['errors alone', 'SUBGRAPH_BAD_ANSWER'],
    ['a code of ours it may not use', 'SUBGRAPH_BAD_ANSWER'],
    ['resets', 'SUBGRAPH_UNAVAILABLE'],
  ])('and %s costs its own fields alone, with %s', async (lie, code) => {
    const answer = await ask(lie);
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ customer: null, campaigns: CAMPAIGNS });
    expect([...new Set(answer.codes)]).toEqual([code]);
    expect(pathsOf(answer)[0]).toMatch(/^customer/);
    expect(answer.text).not.toContain(CANARY);
    expect(answer.text).not.toContain(new URL(liar.url).port);
    expect(answer.text).not.toMatch(/ada@example|stack|127\.0\.0\.1/);
    expect(answer.extensions).toBeUndefined();
  });

  it.each<[LieName, string[]]>([
    ['absent field', ['customer.displayName', 'customer.email', 'customer.score']],
    ['wrong scalar', ['customer.email', 'customer.score']],
    ['null where none may be', ['customer.displayName']],
    ['data and errors', ['customer.email']],
    ['an error without a path', ['customer']],
    ['a path of its own words', ['customer.email']],
  ])('and sends %s: each wrong field is null with an error at its path', async (lie, paths) => {
    const answer = await ask(lie);
    expect(pathsOf(answer)).toEqual(paths);
    expect([...new Set(answer.codes)]).toEqual(['SUBGRAPH_BAD_ANSWER']);
    expect(answer.data?.['campaigns']).toEqual(CAMPAIGNS);
    expect(answer.text).not.toContain(CANARY);
  });

  it('keeps the fields that are right beside a wrong scalar', async () => {
    const answer = await ask('wrong scalar');
    expect(answer.data?.['customer']).toEqual({ id: 'c1', displayName: 'A', email: null, score: null });
  });

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
    expect(answer.errors.map((error) => error.path)).toEqual([undefined, ['customers', 0, 'consents'], undefined]);
    expect(answer.text).not.toMatch(/_entities|@|canary/);
  });

  it('is not followed elsewhere', async () => {
    await ask('redirects');
    expect(liar.paths).toEqual(['/graphql']);
  });

  it('is asked twice by a query when the connection breaks before an answer, once by a mutation', async () => {
    await ask('resets');
    expect(liar.paths).toHaveLength(2);
    const mutation = await ask('resets', 'mutation { renameCustomer(id: "c1", name: "B") { id } }');
    expect(liar.paths).toHaveLength(1);
    expect(mutation.data).toEqual({ renameCustomer: null });
    expect(mutation.codes).toEqual(['OUTCOME_UNKNOWN']);
  });

  it('leaves the outcome of a mutation open when it hangs', async () => {
    const mutation = await ask('hangs', 'mutation { renameCustomer(id: "c1", name: "B") { id } }');
    expect(liar.paths).toHaveLength(1);
    expect(mutation.codes).toEqual(['OUTCOME_UNKNOWN']);
  });

  it('is given a pause when it asks for one, and is called again after it', async () => {
    const first = await ask('HTTP 429');
    expect(first.codes).toEqual(['SUBGRAPH_BUSY']);
    const second = await ask('HTTP 429');
    expect([second.codes, liar.paths]).toEqual([['SUBGRAPH_UNAVAILABLE'], []]);
    await waitUntil(async () => (await ask('data and errors')).data?.['customer']);
  });

  it('keeps no connection of requests whose client has left', async () => {
    liar.lie = 'hangs';
    await waitUntil(async () => (await liar.openConnections()) === 0 || (await ask('data and errors')).status === 200);
    const before = await liar.openConnections();
    liar.lie = 'hangs';
    liar.paths.length = 0;
    const leaver = new AbortController();
    const left = gateway.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ customer(id: "c1") { id } }' }),
      signal: leaver.signal,
    });
    await waitUntil(() => liar.paths.length === 1);
    leaver.abort();
    await expect(left).rejects.toThrow();
    await waitUntil(async () => (await liar.openConnections()) <= before);
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

  it('has its words in the log, and nowhere else', async () => {
    const answer = await ask('HTTP 500 with secrets');
    const requestId = answer.headers.get('x-request-id');
    const line = await waitUntil(() => gateway.requestLines().find((found) => found['requestId'] === requestId));
    expect(line).toMatchObject({ codes: ['SUBGRAPH_BAD_ANSWER'], details: [{ subgraph: 'customers' }] });
  });
});
