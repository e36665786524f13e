import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { systemClock } from '../../platform/clock.ts';
import type { RequestState, SubgraphFetch } from '../requestState.ts';
import { openAnswerShapes } from './answerShape.ts';
import { openFetcher, type FetchSettings, type Fetcher } from './fetchPart.ts';

const shapes = openAnswerShapes(buildSchema('type Query { a: Int } type T { x: Int y: Int }'), 10);
const SETTINGS: FetchSettings = {
  signer: { secret: undefined, tenantId: 'main' },
  fetchTimeoutMs: 5_000,
  socketsMax: 2,
  waitingMax: 1,
  answerBytesMax: 100,
  representationsMax: 500,
  errorsMax: 3,
  mask: () => ({ code: 'SUBGRAPH_BAD_ANSWER', message: 'masked' }),
  clock: systemClock,
};

function openState(leftMs = 5_000): RequestState {
  return {
    requestId: 'req_test',
    patience: { deadlineMs: 0, leftMs: () => leftMs, clientGone: new AbortController().signal },
    elapsedMs: () => 0,
    explanation: undefined,
    innerFaults: [],
    codes: new Set(),
    operation: undefined,
  };
}

describe('the fetch step', () => {
  let server: Server;
  let fetcher: Fetcher;
  let answer: (response: ServerResponse) => void;
  let url = '';
  const fetchOf = (more: Partial<SubgraphFetch> = {}): SubgraphFetch => ({
    subgraph: 's',
    url,
    document: '{ a }',
    operationName: undefined,
    variables: {},
    path: [],
    shapes,
    ...more,
  });
  const json = (text: string) => (response: ServerResponse) => {
    response.setHeader('content-type', 'application/json');
    response.end(text);
  };

  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume();
      request.on('end', () => answer(response));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    fetcher = openFetcher(SETTINGS);
  });
  afterEach(async () => {
    await fetcher.close();
    server.closeAllConnections();
    server.close();
  });

  it('refuses one fetch more than may run and wait', async () => {
    const held: ServerResponse[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    answer = (response) => {
      held.push(response);
      void released.then(() => json('{"data":{"a":1}}')(response));
    };
    const taken = [1, 2, 3].map(() => fetcher.fetchPart(fetchOf(), openState()));
    const refused = await fetcher.fetchPart(fetchOf(), openState());
    expect(refused.errors.map((error) => error.extensions.code)).toEqual(['SUBGRAPH_BUSY']);
    release();
    expect((await Promise.all(taken)).map((part) => part.data)).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
  });

  it('takes an answer right at the size limit and refuses one byte more', async () => {
    const text = '{"data":{"a":1}}';
    answer = json(text.padEnd(100));
    expect((await fetcher.fetchPart(fetchOf(), openState())).data).toEqual({ a: 1 });
    answer = json(text.padEnd(101));
    const past = await fetcher.fetchPart(fetchOf(), openState());
    expect([past.data, past.errors[0]?.extensions.code]).toEqual([null, 'SUBGRAPH_BAD_ANSWER']);
  });

  it('shows a bounded number of errors, and the last one counts the rest', async () => {
    answer = json('{}');
    const representations = [1, 2, 3].map((id) => ({ __typename: 'T', id }));
    const document =
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on T { x y } } }';
    const { errors } = await fetcher.fetchPart(fetchOf({ document, variables: { representations } }), openState());
    expect(errors.map((error) => error.path)).toEqual([
      ['_entities', 0, 'x'],
      ['_entities', 0, 'y'],
      ['_entities', 1, 'x'],
    ]);
    expect(errors.at(-1)?.message).toMatch(/3 more fields are missing for the same reason\.$/);
  });

  it('does not send what has no time left', async () => {
    let asked = 0;
    answer = () => asked++;
    const { errors } = await fetcher.fetchPart(fetchOf(), openState(0));
    expect([errors[0]?.extensions.code, asked]).toEqual(['SUBGRAPH_TIMEOUT', 0]);
  });

  it('never throws for JSON of any shape', async () => {
    for (const text of ['null', '1', '[]', '{"data":[]}', '{"data":{"a":{}}}', '{"errors":1}', '{"errors":[null]}']) {
      answer = json(text);
      const part = await fetcher.fetchPart(fetchOf(), openState());
      expect([text, part.errors.length > 0]).toEqual([text, true]);
    }
  });

  it('sends a query again over a new connection when the old one went stale', async () => {
    answer = json('{"data":{"a":1}}');
    await fetcher.fetchPart(fetchOf(), openState());
    let broken = 0;
    answer = (response) => {
      if (broken++ === 0) response.socket?.destroy();
      else json('{"data":{"a":2}}')(response);
    };
    expect((await fetcher.fetchPart(fetchOf(), openState())).data).toEqual({ a: 2 });
  });

  it('says of a mutation that was never sent that the part is away', async () => {
    // Nobody listens on port 1, while a port that was just let go may be another process's by now.
    const nobody = { document: 'mutation { a }', url: 'http://127.0.0.1:1/graphql' };
    const { errors } = await fetcher.fetchPart(fetchOf(nobody), openState());
    expect(errors[0]?.extensions.code).toBe('SUBGRAPH_UNAVAILABLE');
  });
});
