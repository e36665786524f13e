// Subscriptions over server-sent events and multipart: what arrives, who sees what, and what ends a stream.
import { createClient } from 'graphql-sse';
import { findParts } from '../../harness/multipartParts.ts';
import { BUYER, startLiveGraph, type LiveGraph } from '../../harness/liveGraph.ts';
import { openSse, type SseStream } from '../../harness/sseReader.ts';
import { waitUntil } from '../../harness/startProcess.ts';

const ORDER = 'ord_00000000001';
const ORDERS = 'subscription Orders($of: ID) { orderChanged(customerId: $of) { id version } }';
const CONTRACTS = 'public-names:\n  exclude: [pii]\n';

interface Told {
  readonly data?: Record<string, { readonly id: string; readonly version: number } | null>;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string; readonly resumeId?: string };
  }[];
}

const toldBy = (stream: SseStream): Told[] =>
  stream.messages.filter(({ data }) => data !== '').map(({ data }) => JSON.parse(data) as Told);
const codeOf = (stream: SseStream): string | undefined => toldBy(stream).at(-1)?.errors?.[0]?.extensions.code;

describe('a subscriber', () => {
  let graph: LiveGraph;
  let key: string;
  beforeAll(async () => {
    graph = await startLiveGraph({ contracts: CONTRACTS });
    key = await graph.keys.create({ scopes: [...graph.scopes] });
  }, 60_000);
  afterAll(() => graph.stop());

  const open = (query: string, variables: object = {}, more: object = {}): Promise<SseStream> =>
    openSse({ url: graph.url, key, query, variables, ...more });
  const keyIdOf = (text: string): string => text.split('_')[2] ?? '';

  it('gets a changed order with fields of three subgraphs', async () => {
    const stream = await open('subscription { o: orderChanged { id version customer { displayName consents } } }');
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const version = await graph.change('Order', ORDER);
    await waitUntil(() => stream.messages.length === 1);
    const customer = { displayName: `Name of ${BUYER}`, consents: ['EMAIL'] };
    expect(toldBy(stream)).toEqual([{ data: { o: { id: ORDER, version, customer } } }]);
    stream.cut();
  });

  it('gets what its arguments name, and hears nothing of the rest', async () => {
    const [mine, others, one] = await Promise.all([
      open(ORDERS, { of: BUYER }),
      open(ORDERS, { of: 'cus_99999999999' }),
      open('subscription { orderChanged(id: "ord_00000000002") { id } }'),
    ]);
    await graph.change('Order', ORDER);
    await graph.change('Order', 'ord_00000000003', { tenantid: 'another' });
    await graph.change('Order', 'ord_00000000004', { source: '/crm/elsewhere' });
    await graph.change('Order', 'ord_00000000002');
    await waitUntil(() => mine.messages.length === 2 && one.messages.length === 1);
    expect(toldBy(mine).map(({ data }) => data?.['orderChanged']?.id)).toEqual([ORDER, 'ord_00000000002']);
    expect(others.messages).toEqual([]);
    for (const each of [mine, others, one]) each.cut();
  });

  it('of one campaign gets the events of its members, too', async () => {
    const stream = await open('subscription { campaignProgress(id: "cmp_00000000001") { id } }');
    const keys = 'CampaignMember:cmm_00000000001 Campaign:cmp_00000000001';
    await graph.change('CampaignMember', 'cmm_00000000001', { source: '/crm/marketing', entitykeys: keys });
    await waitUntil(() => stream.messages.length === 1);
    expect(toldBy(stream)[0]?.data).toEqual({ campaignProgress: { id: 'cmp_00000000001' } });
    stream.cut();
  });

  it('shares one run with equal subscribers', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => open(ORDERS)));
    const before = graph.asked();
    await graph.change('Order', ORDER);
    await waitUntil(() => streams.every(({ messages }) => messages.length === 1));
    expect(graph.asked() - before).toBe(1);
    for (const each of streams) each.cut();
  });

  it('is refused what its key may not see, with the field and nothing of its value', async () => {
    const weak = await graph.keys.create({ scopes: ['orders:read'] });
    const stream = await open('subscription { orderChanged { id customer { email } } }', {}, { key: weak });
    await waitUntil(() => stream.isEnded());
    expect([stream.status, codeOf(stream)]).toEqual([403, 'SCOPE_MISSING']);
    expect(JSON.stringify(stream.messages)).not.toContain('secret.example');
  });

  it('of a key that filters gets null for what it may not see', async () => {
    const filtering = await graph.keys.create({ scopes: ['orders:read', 'customers:read'], denial: 'filter' });
    const query = 'subscription { orderChanged { id customer { displayName email } } }';
    const stream = await open(query, {}, { key: filtering });
    await graph.change('Order', ORDER);
    await waitUntil(() => stream.messages.length === 1);
    expect(toldBy(stream)[0]?.data?.['orderChanged']).toMatchObject({
      customer: { displayName: `Name of ${BUYER}`, email: null },
    });
    expect(codeOf(stream)).toBe('SCOPE_MISSING');
    stream.cut();
    const none = await graph.keys.create({ scopes: ['customers:read'], denial: 'filter' });
    const refused = await open(query, {}, { key: none });
    await waitUntil(() => refused.isEnded());
    expect([refused.status, codeOf(refused)]).toEqual([403, 'SCOPE_MISSING']);
  });

  it('does not see what its contract hides', async () => {
    const partner = await graph.keys.create({ scopes: [...graph.scopes], contract: 'public-names' });
    const hidden = await open('subscription { customerChanged { email } }', {}, { key: partner });
    await waitUntil(() => hidden.isEnded());
    expect(codeOf(hidden)).toBe('GRAPHQL_VALIDATION_FAILED');
    const shown = await open('subscription { customerChanged { displayName } }', {}, { key: partner });
    await graph.change('Customer', BUYER);
    await waitUntil(() => shown.messages.length === 1);
    shown.cut();
  });

  it('is ended within a second when its key is revoked, and told why', async () => {
    const revoked = await graph.keys.create({ scopes: [...graph.scopes] });
    const stream = await open(ORDERS, {}, { key: revoked });
    await graph.change('Order', ORDER);
    await waitUntil(() => stream.messages.length === 1);
    await graph.keys.office.revoke(keyIdOf(revoked), { actor: 'test:streams', reason: 'a test' });
    const beganMs = performance.now();
    await waitUntil(() => stream.isEnded());
    console.info(`ended ${Math.round(performance.now() - beganMs)} ms after the revocation`);
    expect(codeOf(stream)).toBe('API_KEY_REVOKED');
    const count = stream.messages.length;
    await graph.change('Order', ORDER);
    expect(stream.messages).toHaveLength(count);
  });

  it('is ended within a second when the secret that it showed is rotated away, and goes on by the new one', async () => {
    const old = await graph.keys.create({ scopes: [...graph.scopes] });
    const stream = await open(ORDERS, {}, { key: old });
    const { text } = await graph.keys.office.rotate(keyIdOf(old), 0, { actor: 'test:streams', reason: 'a test' });
    await waitUntil(() => stream.isEnded());
    expect(codeOf(stream)).toBe('API_KEY_EXPIRED');
    const next = await open(ORDERS, {}, { key: text });
    await graph.keys.office.rotate(keyIdOf(old), 3_600_000, { actor: 'test:streams', reason: 'a test' });
    await graph.change('Order', ORDER);
    await waitUntil(() => next.messages.length === 1);
    expect([toldBy(stream).length, toldBy(next)[0]?.errors]).toEqual([1, undefined]);
    next.cut();
  });

  it('goes on behind an id of its own alone', async () => {
    const stream = await open(ORDERS);
    await graph.change('Order', ORDER);
    await waitUntil(() => stream.messages.length === 1);
    const lastEventId = stream.lastId();
    stream.cut();
    const version = await graph.change('Order', 'ord_00000000007');
    const [next, otherOperation, otherKey, madeUp] = await Promise.all([
      open(ORDERS, {}, { lastEventId }),
      open('subscription { orderChanged { id } }', {}, { lastEventId }),
      graph.keys.create({ scopes: [...graph.scopes] }).then((other) => open(ORDERS, {}, { lastEventId, key: other })),
      open(ORDERS, {}, { lastEventId: `${lastEventId?.slice(0, -2) ?? ''}AA` }),
    ]);
    await waitUntil(() => next.messages.length === 1);
    expect(toldBy(next)[0]?.data).toEqual({ orderChanged: { id: 'ord_00000000007', version } });
    for (const foreign of [otherOperation, otherKey, madeUp]) {
      await waitUntil(() => foreign.isEnded());
      expect([foreign.status, codeOf(foreign)]).toEqual([410, 'RESUME_TOO_OLD']);
    }
    next.cut();
  });

  it.each([
    ['two root fields', 'subscription { orderChanged { id } customerChanged { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a root field that is skipped',
      'subscription { orderChanged @skip(if: true) { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a condition by a variable',
      'subscription($if: Boolean!) { orderChanged @include(if: $if) { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a condition in a fragment',
      'subscription { ... @include(if: true) { orderChanged { id } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['introspection', 'subscription { __typename }', 'GRAPHQL_VALIDATION_FAILED'],
    ['introspection of the schema', 'subscription { __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an argument that is no id', 'subscription { orderChanged(id: "a b") { id } }', 'BAD_USER_INPUT'],
    [
      'two root fields through fragments',
      'subscription { ...A ...B } fragment A on Subscription { orderChanged { id } } fragment B on Subscription { customerChanged { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['more than the limits', `subscription { orderChanged { ${'a: id '.repeat(401)} } }`, 'OPERATION_TOO_LARGE'],
  ])('is refused %s', async (_, query, code) => {
    const stream = await open(query, query.includes('$if') ? { if: true } : {});
    await waitUntil(() => stream.isEnded());
    expect([stream.status, codeOf(stream)]).toEqual([400, code]);
  });

  it("is read by the protocol's own client of server-sent events", async () => {
    const client = createClient({ url: graph.url, headers: { authorization: `Bearer ${key}` }, retryAttempts: 0 });
    const events = client.iterate({ query: ORDERS });
    const first = events.next();
    await waitUntil(async () => {
      await graph.change('Order', ORDER);
      return Promise.race([first, new Promise((resolve) => setTimeout(resolve, 100))]);
    });
    expect((await first).value).toMatchObject({ data: { orderChanged: { id: ORDER } } });
    const [query] = await Promise.all([client.iterate({ query: `{ order(id: "${ORDER}") { id } }` }).next()]);
    expect(query.value).toMatchObject({ data: { order: { id: ORDER } } });
    client.dispose();
  });

  it('reads multipart as Apollo Client sends for it', async () => {
    const gone = new AbortController();
    const response = await fetch(graph.url, {
      method: 'POST',
      signal: gone.signal,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${key}`,
        accept: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json',
      },
      body: JSON.stringify({ query: ORDERS }),
    });
    expect(response.headers.get('content-type')).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
    const parts = findParts(response);
    const version = await graph.change('Order', ORDER);
    const { value } = await parts.next();
    expect(value).toMatchObject({ payload: { data: { orderChanged: { id: ORDER, version } } } });
    gone.abort();
  });

  it('sends a query to a client that takes streams alone, in their form', async () => {
    const stream = await open(`{ order(id: "${ORDER}") { id } }`);
    await waitUntil(() => stream.isEnded());
    expect(stream.messages.map(({ event }) => event)).toEqual(['next', 'complete']);
    expect(toldBy(stream)[0]?.data).toEqual({ order: { id: ORDER } });
  });

  it('is ended with a resume id when the gateway stops', async () => {
    const stream = await open(ORDERS);
    await graph.change('Order', ORDER);
    await waitUntil(() => stream.messages.length === 1);
    await graph.process.stop();
    await waitUntil(() => stream.isEnded());
    const error = toldBy(stream).at(-1)?.errors?.[0]?.extensions;
    expect([error?.code, typeof error?.resumeId]).toEqual(['DRAINING', 'string']);
  });
});

describe('a gateway', () => {
  it.each([
    ['without a broker', ''],
    ['whose broker is away when it starts', `local://crm:${'a'.repeat(32)}@127.0.0.1:1`],
  ])(
    '%s refuses subscriptions and serves all else',
    async (_, brokerUrl) => {
      const graph = await startLiveGraph({ env: { CRM_BROKER_URL: brokerUrl } });
      try {
        const key = await graph.keys.create({ scopes: [...graph.scopes] });
        const stream = await openSse({ url: graph.url, key, query: ORDERS });
        await waitUntil(() => stream.isEnded());
        expect([stream.status, codeOf(stream)]).toEqual([503, 'STREAMS_UNAVAILABLE']);
        expect((await graph.ask(key, '{ order(id: "ord_00000000001") { id } }')).status).toBe(200);
      } finally {
        await graph.stop();
      }
    },
    60_000,
  );
});
