// Every request that is answered 400: malformed, of the wrong types, or over a limit of docs/limits.md. None reaches a
// subgraph, none stops the process, each writes one log line.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { waitUntil } from '../../harness/startProcess.ts';
import { startTestGateway, type ClientAnswer, type TestGateway } from '../../harness/testGateway.ts';

/** reliability.md, F1: twenty fragments that each spread the next twice. */
function fanOfFragments(count: number): string {
  const fragments = Array.from({ length: count }, (_, index) => {
    const next = index === count - 1 ? 'id' : `...F${index + 1} ...F${index + 1}`;
    return `fragment F${index} on Customer { ${next} }`;
  });
  return `{ customer(id: "c1") { ...F0 } } ${fragments.join(' ')}`;
}

const nested = (depth: number): string => `${'{ customers '.repeat(depth)}{ id }${' }'.repeat(depth)}`;
const aliases = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, index) => `a${index}: __typename`).join(' ')} }`;

describe('the gateway answers 400', () => {
  let gateway: TestGateway;
  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<ClientAnswer> =>
    gateway.send('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(async () => {
    const { status } = await gateway.health();
    expect(status).toBe(200);
    await gateway.stop();
  });

  it.each([
    ['no JSON', '{"query":', 'MALFORMED_JSON'],
    ['an empty body', '', 'MALFORMED_JSON'],
    ['a __proto__ key', '{"query":"{ __typename }","variables":{"__proto__":{"a":1}}}', 'MALFORMED_JSON'],
    ['an escaped __proto__ key', '{"query":"{ __typename }","\\u005f_proto__":{}}', 'MALFORMED_JSON'],
    ['a constructor.prototype key', '{"query":"{a}","variables":{"constructor":{"prototype":{}}}}', 'MALFORMED_JSON'],
    ['a batch', '[{"query":"{ __typename }"}]', 'BAD_REQUEST'],
    ['a bare text', '"{ __typename }"', 'BAD_REQUEST'],
    ['null', 'null', 'BAD_REQUEST'],
    ['no query', '{}', 'BAD_REQUEST'],
    ['a query that is a number', '{"query":1}', 'BAD_REQUEST'],
    ['a query that is a document object', '{"query":{"kind":"Document"}}', 'BAD_REQUEST'],
    ['variables as a text', '{"query":"{ __typename }","variables":"{}"}', 'BAD_REQUEST'],
    ['variables as a list', '{"query":"{ __typename }","variables":[]}', 'BAD_REQUEST'],
    ['operationName as an object', '{"query":"{ __typename }","operationName":{}}', 'BAD_REQUEST'],
    ['extensions as a text', '{"query":"{ __typename }","extensions":"a"}', 'BAD_REQUEST'],
    [
      'a persisted query',
      '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}',
      'PERSISTED_QUERY_ID_INVALID',
    ],
  ])('to %s', async (_, body, code) => {
    const answer = await post(body);
    expect([answer.status, answer.codes]).toEqual([400, [code]]);
  });

  it('to bytes that are not UTF-8', async () => {
    const answer = await post(Uint8Array.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]));
    expect([answer.status, answer.codes]).toEqual([400, ['MALFORMED_JSON']]);
  });

  it('to a body that cannot be unpacked', async () => {
    const answer = await post('not gzip at all', { 'content-encoding': 'gzip' });
    expect([answer.status, answer.codes]).toEqual([400, ['BAD_REQUEST']]);
  });

  it.each([
    ['no GraphQL', '{ customer(', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown argument', '{ customer(id: 1, $where: 1) { id } }', 'GRAPHQL_PARSE_FAILED'],
    ['a wrong literal', '{ customer(id: {gt: ""}) { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a fragment that spreads itself', '{ ...A } fragment A on Query { ...A }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'fragments in a circle',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['an unused fragment circle', '{ __typename } fragment A on Query { ...A }', 'GRAPHQL_VALIDATION_FAILED'],
    ['two operations without a name', 'query A { __typename } query B { __typename }', 'OPERATION_RESOLUTION_FAILURE'],
    ['a circle of introspection', '{ __schema { types { fields { type { fields { name } } } } } }', undefined],
    ['3,000 levels', nested(3000), 'OPERATION_TOO_LARGE'],
    ['3,000 levels of lists', `{ find(rule: {minimum: ${'['.repeat(3000)}) }`, 'OPERATION_TOO_LARGE'],
    ['10,000 aliases', aliases(10_000), 'OPERATION_TOO_LARGE'],
    ['31 aliases', `{ ${aliases(20)} ${aliases(11)} }`.replaceAll('{ a', '... { a'), 'OPERATION_TOO_LARGE'],
    ['21 root fields', `{ ${'orders { id } '.repeat(21)} }`, 'OPERATION_TOO_LARGE'],
    ['51 directives', `{ __typename ${'@skip(if: false) '.repeat(51)} }`, 'OPERATION_TOO_LARGE'],
    ['1,150 bytes that expand to millions', fanOfFragments(20), 'OPERATION_TOO_LARGE'],
    ['32,001 characters', `{ __typename } #${'x'.repeat(32_000)}`, 'OPERATION_TOO_LARGE'],
    ['too many tokens', `{ orders { ${'id '.repeat(4_000)} } }`, 'OPERATION_TOO_LARGE'],
  ])('to %s', async (_, query, code) => {
    const answer = await gateway.query(query);
    if (code === undefined) {
      expect(answer.status).toBeLessThan(500);
      return;
    }
    expect([answer.status, answer.codes[0]]).toEqual([400, code]);
  });

  it('takes what is right at the limits', async () => {
    const atAliases = await gateway.query(`{ orders(first: 1) { ${aliases(29).slice(1, -1)} z: id } }`);
    expect([atAliases.status, atAliases.errors]).toEqual([200, []]);
    const atSelections = await gateway.query(`{ orders(first: 1) { ${'id '.repeat(399)} } }`);
    expect([atSelections.status, atSelections.errors]).toEqual([200, []]);
    const past = await gateway.query(`{ orders(first: 1) { ${'id '.repeat(400)} } }`);
    expect([past.status, past.codes]).toEqual([400, ['OPERATION_TOO_LARGE']]);
  });

  const find = 'query Find($rule: Rule, $id: ID = "c1") { find(rule: $rule) customer(id: $id) { id } }';
  const deepRule = (levels: number): object => (levels === 0 ? { minimum: 1 } : { and: [deepRule(levels - 1)] });

  it.each([
    ['an operator object as an id', { id: { $gt: '' } }, 'BAD_USER_INPUT'],
    ['a list as an id', { id: ['c1'] }, 'BAD_USER_INPUT'],
    ['an unknown enum value', { rule: { channel: 'PIGEON' } }, 'BAD_USER_INPUT'],
    ['an unknown input field', { rule: { $where: 'sleep(1000)' } }, 'BAD_USER_INPUT'],
    ['a number over 32 bits', { rule: { minimum: 2 ** 31 } }, 'BAD_USER_INPUT'],
    ['variables over 64 KB', { rule: { channel: 'x'.repeat(65_536) } }, 'VARIABLES_TOO_LARGE'],
    ['variables 11 levels deep', { rule: deepRule(5) }, 'VARIABLES_TOO_LARGE'],
    ['a list of 1,001', { rule: { and: Array.from({ length: 1_001 }, () => null) } }, 'VARIABLES_TOO_LARGE'],
  ])('to %s', async (_, variables, code) => {
    const answer = await gateway.query(find, variables);
    expect([answer.status, answer.codes]).toEqual([400, [code]]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('only to bad ones: a body packed by %s is taken', async (encoding, pack) => {
    const packed = Uint8Array.from(pack(JSON.stringify({ query: '{ __typename }' })));
    const answer = await post(packed, { 'content-encoding': encoding });
    expect(answer.data).toEqual({ __typename: 'Query' });
  });

  it('to introspection where it is not allowed, without saying what would be right', async () => {
    const closed = await startTestGateway({ env: { CRM_INTROSPECTION_ALLOWED: 'false' } });
    const asked = await closed.query('{ __schema { types { name } } }');
    const misspelt = await closed.query('{ custmer(id: 1) { id } }');
    await closed.stop();
    expect([asked.status, asked.codes]).toEqual([400, ['INTROSPECTION_FORBIDDEN']]);
    expect([misspelt.status, misspelt.codes]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
    expect(misspelt.text).not.toContain('Did you mean');
  });

  it('with one log line each, and asks no subgraph', async () => {
    for (const subgraph of Object.values(gateway.subgraphs)) subgraph.asked.length = 0;
    const answers = [
      await gateway.query(fanOfFragments(20)),
      await post('{"query":'),
      await gateway.query(find, { id: { $gt: '' } }),
    ];
    const ids = answers.map(({ headers }) => headers.get('x-request-id'));
    const lines = await waitUntil(() => {
      const own = gateway.requestLines().filter((line) => ids.includes(String(line['requestId'])));
      return own.length >= 3 ? own : undefined;
    });
    expect(lines.map((line) => line['status'])).toEqual([400, 400, 400]);
    expect(Object.values(gateway.subgraphs).flatMap((subgraph) => subgraph.asked)).toEqual([]);
  });
});
