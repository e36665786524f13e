// Guarantee: a web page of somebody else can make no visitor's browser ask or change anything here: what a browser sends
//   unasked is refused before it is read, no answer invites a foreign page, and no cookie means anything.
// Attack: forms (three content types, and none), images (GET), GET with a body type, mutations by GET, method override,
//   preflights from everywhere, `Origin: null`, cookies and a key in the address or the body.
// Learned from: CSRF on GraphQL servers that take text/plain or GET; CORS `*` together with credentials.
import { sendRaw, type RawAnswer } from '../harness/rawRequest.ts';
import { startTestGateway, type TestGateway } from '../harness/testGateway.ts';

const QUERY = '{ orders(first: 1) { number } }';
const BODY = JSON.stringify({ query: QUERY });
const MUTATION = 'mutation { renameCustomer(id: "c1", name: "a") { id } }';
const ORIGINS = ['https://evil.example', 'null', 'http://127.0.0.1', ''];
const search = (query: string): string => `?${new URLSearchParams({ query }).toString()}`;

describe('K19: a foreign web page', () => {
  let gateway: TestGateway;
  const answers: RawAnswer[] = [];
  const send = async (more: string, sent: Parameters<typeof sendRaw>[1]): Promise<RawAnswer> => {
    const answer = await sendRaw(`${gateway.url}/graphql${more}`, sent);
    answers.push(answer);
    return answer;
  };

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it.each([
    ['text/plain', BODY],
    ['text/plain;application/json', BODY],
    ['text/plain; charset=application/json', BODY],
    ['application/x-www-form-urlencoded', new URLSearchParams({ query: MUTATION }).toString()],
    ['multipart/form-data; boundary=a', `--a\r\ncontent-disposition: form-data; name="query"\r\n\r\n${QUERY}\r\n--a--`],
    ['application/graphql', QUERY],
    ['application/json, text/plain', BODY],
    ['', BODY],
  ])('cannot send a form of type %p', async (type, body) => {
    for (const origin of ORIGINS) {
      const headers = ['origin', origin, ...(type === '' ? [] : ['content-type', type])];
      expect((await send('', { headers, body })).status).toBe(415);
    }
  });

  it('cannot ask by an image, a link or a script', async () => {
    for (const headers of [[], ['origin', 'null'], ['content-type', 'application/json'], ['referer', gateway.url]]) {
      expect((await send(search(QUERY), { method: 'GET', headers })).status).toBe(403);
    }
    expect((await send(search(QUERY), { method: 'GET', headers: ['content-type', 'text/plain'] })).status).toBe(415);
  });

  it('cannot change anything by GET, with the header that a page cannot send either', async () => {
    const headers = ['apollo-require-preflight', '1'];
    expect((await send(search(MUTATION), { method: 'GET', headers })).status).toBe(405);
    const override = ['content-type', 'application/json', 'x-http-method-override', 'GET'];
    expect((await send('', { headers: override, body: BODY })).status).toBe(405);
  });

  it('is told by no preflight that it may', async () => {
    for (const origin of ORIGINS) {
      const headers = ['origin', origin, 'access-control-request-method', 'POST', 'access-control-request-headers'];
      const { status } = await send('', { method: 'OPTIONS', headers: [...headers, 'content-type, authorization'] });
      expect(status).toBe(405);
    }
  });

  it('gains nothing by what a browser adds by itself', async () => {
    const headers = ['cookie', 'crm_key=crm_live_a; authorization=Bearer%20a', 'content-type', 'text/plain'];
    expect((await send('?key=crm_live_a', { headers, body: BODY })).status).toBe(415);
  });

  it('reads no answer, of those refused and of those that were given', async () => {
    for (const origin of ORIGINS) {
      await send('', { headers: ['content-type', 'application/json', 'origin', origin], body: BODY });
    }
    const names = new Set(answers.flatMap(({ headers }) => Object.keys(headers)));
    expect([...names].filter((name) => name.startsWith('access-control-') || name === 'set-cookie')).toEqual([]);
  });

  it('had subgraphs asked for nothing but the queries that no page can send', () => {
    const asked = Object.values(gateway.subgraphs).flatMap((each) => each.asked.map(({ query }) => query));
    expect(asked).toHaveLength(ORIGINS.length);
    expect(asked.filter((query) => query.includes('mutation'))).toEqual([]);
  });
});
