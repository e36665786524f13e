// Bytes that are no request, alone and behind a request that is one: each gets an answer of ours with an id that stands
// in the log, and none is taken for the answer to another.
import { connect } from 'node:net';
import { waitUntil } from '../../harness/startProcess.ts';
import { startTestGateway, type TestGateway } from '../../harness/testGateway.ts';

const BODY = JSON.stringify({ query: '{ __typename }' });
const HEAD = 'POST /graphql HTTP/1.1\r\ncontent-type: application/json\r\n';
const WHOLE = `${HEAD}host: a\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;

describe('a connection', () => {
  let gateway: TestGateway;
  /** Sends raw bytes; gives everything that comes back until the connection ends. */
  const sendRaw = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(gateway.url);
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
    });

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['two lengths', `${HEAD}host: a\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcd`, 400],
    ['a broken chunk', `${HEAD}host: a\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n`, 400],
    ['17 KB of address', `GET /graphql?${'x'.repeat(17_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431],
  ])('that brings %s is answered with an id that stands once in the log', async (_, bytes, status) => {
    const text = await sendRaw(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const id = /x-request-id: (\S+)/.exec(text)?.[1];
    expect(id).toBeDefined();
    const own = () => gateway.requestLines().filter((line) => line['requestId'] === id);
    await waitUntil(() => (own().length > 0 ? true : undefined));
    expect(own().map((line) => line['status'])).toEqual([status]);
  });

  it('gets the answer to a whole request although what follows is none', async () => {
    const text = await sendRaw(`${WHOLE}garbage\r\n\r\n`);
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(text).toContain('{"data":{"__typename":"Query"}}');
  });

  it.each([
    ['no host', HEAD],
    ['an expectation that nobody knows', `${HEAD}host: a\r\nexpect: more\r\n`],
  ])('that sends %s is answered like any other', async (_, head) => {
    const text = await sendRaw(`${head}connection: close\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`);
    expect(text).toMatch(/^HTTP\/1.1 200 /);
  });
});
