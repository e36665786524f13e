// The customers subgraph over real HTTP: what its mutations answer, and what its fields cost.
import { drawId } from '../../../platform/random.ts';
import { customersModels, type CustomersModels } from '../../../subgraphs/customers/model.ts';
import { startTestSubgraph, type TestSubgraph } from '../../harness/subgraphClient.ts';

interface Result {
  readonly code: string;
  readonly message: string | null;
  readonly currentVersion: number | null;
  readonly customer: { id: string; displayName: string; version: number } | null;
}

interface Node {
  readonly id: string;
  readonly displayName: string;
}
interface Page {
  readonly edges: readonly { node: Node }[];
  readonly pageInfo: { hasNextPage: boolean; endCursor: string };
}

const RESULT = 'code message currentVersion customer { id displayName version }';
const UPSERT = `mutation ($input: [CustomerInput!]!, $key: ID!) { results: upsertCustomers(input: $input, idempotencyKey: $key) { ${RESULT} } }`;
const UPDATE = `mutation ($input: [CustomerPatch!]!, $key: ID!) { results: updateCustomers(input: $input, idempotencyKey: $key) { ${RESULT} } }`;

let subgraph: TestSubgraph<CustomersModels>;
beforeAll(async () => {
  subgraph = await startTestSubgraph('customers', customersModels);
});
afterAll(() => subgraph.stop());

function person(externalId: string, displayName = 'Ann Berg'): object {
  return { source: 'shop', externalId, displayName };
}

async function change(mutation: string, input: unknown, key = drawId()): Promise<readonly Result[]> {
  const { data, errors } = await subgraph.send<{ results: Result[] }>(mutation, { input, key });
  expect(errors).toEqual([]);
  return data.results;
}

async function makeCustomers(count: number): Promise<string[]> {
  const results = await change(
    UPSERT,
    Array.from({ length: count }, (_, at) => person(drawId(), `Person ${at}`)),
  );
  return results.map(({ customer }) => customer?.id ?? '');
}

describe('mutations', () => {
  it('answers CREATED, then UNCHANGED, then UPDATED for one external reference', async () => {
    const externalId = drawId();
    const [created] = await change(UPSERT, [person(externalId)]);
    const [unchanged] = await change(UPSERT, [person(externalId)]);
    const [updated] = await change(UPSERT, [person(externalId, 'Ann Lund')]);
    expect([created?.code, unchanged?.code, updated?.code]).toEqual(['CREATED', 'UNCHANGED', 'UPDATED']);
    expect(updated?.customer).toEqual({ id: created?.customer?.id, displayName: 'Ann Lund', version: 2 });
  });

  it('refuses a bad item alone', async () => {
    const results = await change(UPSERT, [
      person(drawId()),
      person(drawId(), ' '),
      { ...person(drawId()), email: 'no address' },
      { ...person(drawId()), companyId: `com_${drawId()}` },
      { displayName: 'Nameless' },
      person(drawId()),
    ]);
    expect(results.map(({ code }) => code)).toEqual(['CREATED', 'INVALID', 'INVALID', 'INVALID', 'INVALID', 'CREATED']);
  });

  it('answers CONFLICT with the current version for an older one', async () => {
    const [id = ''] = await makeCustomers(1);
    await change(UPDATE, [{ id, version: 1, displayName: 'Second' }]);
    const [conflict] = await change(UPDATE, [{ id, version: 1, displayName: 'Third' }]);
    expect(conflict).toMatchObject({ code: 'CONFLICT', currentVersion: 2, customer: { displayName: 'Second' } });
  });

  it('leaves absent fields and empties null ones', async () => {
    const [result] = await change(UPSERT, [{ ...person(drawId()), email: 'ann@example.org', phone: '+1 2' }]);
    const id = result?.customer?.id ?? '';
    await change(UPDATE, [{ id, version: 1, phone: null }]);
    const { data } = await subgraph.send('query ($id: ID!) { customer(id: $id) { email phone displayName } }', { id });
    expect(data).toEqual({ customer: { email: 'ann@example.org', phone: null, displayName: 'Ann Berg' } });
  });

  it('answers the first result of an idempotency key, and changes nothing twice', async () => {
    const [key, externalId] = [drawId(), drawId()];
    const first = await change(UPSERT, [person(externalId)], key);
    expect(await change(UPSERT, [person(externalId)], key)).toEqual(first);
    const reused = await subgraph.send(UPSERT, { input: [person(externalId, 'Other')], key });
    expect(reused.errors[0]?.extensions.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await subgraph.models.customers.countDocuments({ 'externalRef.id': externalId })).toBe(1);
  });

  it('has one effect when one idempotency key comes many times at once', async () => {
    const [key, externalId] = [drawId(), drawId()];
    const answers = await Promise.all(Array.from({ length: 8 }, () => change(UPSERT, [person(externalId)], key)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await subgraph.models.customers.countDocuments({ 'externalRef.id': externalId })).toBe(1);
  });

  it('creates one customer when many upserts of one external reference race', async () => {
    const externalId = drawId();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => change(UPSERT, [person(externalId, `Name ${at}`)])),
    );
    expect(new Set(answers.map(([result]) => result?.customer?.id)).size).toBe(1);
    expect(answers.filter(([result]) => result?.code === 'CREATED')).toHaveLength(1);
  });

  it('hides what is deleted, keeps references to it resolving, and restores it', async () => {
    const [id = ''] = await makeCustomers(1);
    const soft = (verb: string) =>
      `mutation ($input: [VersionedId!]!, $key: ID!) { results: ${verb}Customers(input: $input, idempotencyKey: $key) { ${RESULT} } }`;
    const listed = '{ customers(first: 100) { edges { node { id } } } }';
    const isListed = async () => JSON.stringify((await subgraph.send(listed)).data).includes(id);
    await change(soft('delete'), [{ id, version: 1 }]);
    expect(await isListed()).toBe(false);
    const { data } = await subgraph.send<{ customer: { deletedAt: string } }>(
      'query ($id: ID!) { customer(id: $id) { deletedAt } }',
      { id },
    );
    expect(data.customer.deletedAt).toMatch(/^\d{4}-.*\.\d{3}Z$/);
    expect((await change(UPDATE, [{ id, version: 2, displayName: 'X' }]))[0]?.code).toBe('CONFLICT');
    await change(soft('restore'), [{ id, version: 2 }]);
    expect(await isListed()).toBe(true);
  });

  it('answers the keeper for a merged duplicate, by id and by external reference', async () => {
    const [keep, lose] = (
      await change(UPSERT, [person('k1', 'Keeper'), { ...person('l1', 'Loser'), phone: '+49 1' }])
    ).map(({ customer }) => customer?.id ?? '');
    const merge = `mutation ($keep: ID!, $lose: ID!, $key: ID!) { mergeCustomers(keep: $keep, lose: $lose, version: 1, idempotencyKey: $key) { ${RESULT} } }`;
    const merged = await subgraph.send<{ mergeCustomers: Result }>(merge, { keep, lose, key: drawId() });
    expect(merged.data.mergeCustomers).toMatchObject({ code: 'UPDATED', customer: { id: keep, version: 2 } });
    const { data } = await subgraph.send(
      `query ($lose: ID!) { customer(id: $lose) { id phone mergeRecords { loserId } }
         customerByExternalRef(source: "shop", id: "l1") { id } }`,
      { lose },
    );
    expect(data).toEqual({
      customer: { id: keep, phone: '+49 1', mergeRecords: [{ loserId: lose }] },
      customerByExternalRef: { id: keep },
    });
    expect((await change(UPSERT, [person('l1', 'Renamed')]))[0]).toMatchObject({
      code: 'UPDATED',
      customer: { id: keep },
    });
  });

  it('keeps custom fields to their definitions, and filters by those that are indexed', async () => {
    const define = `mutation ($input: [CustomFieldDefinitionInput!]!, $key: ID!) {
      results: upsertCustomFieldDefinitions(input: $input, idempotencyKey: $key) { code } }`;
    const definitions = [
      { key: 'tier', label: 'Tier', kind: 'TEXT', indexed: true },
      { key: 'seats', label: 'Seats', kind: 'NUMBER' },
    ];
    await change(define, definitions);
    const results = await change(UPSERT, [
      { ...person(drawId()), customFields: [{ key: 'tier', text: 'gold' }] },
      { ...person(drawId()), customFields: [{ key: 'tier', number: 3 }] },
      { ...person(drawId()), customFields: [{ key: 'nobody', text: 'x' }] },
    ]);
    expect(results.map(({ code }) => code)).toEqual(['CREATED', 'INVALID', 'INVALID']);
    const { data } = await subgraph.send(
      '{ customers(filter: { customField: { key: "tier", text: "gold" } }) { edges { node { id customFields { key text } } } } }',
    );
    const node = { id: results[0]?.customer?.id, customFields: [{ key: 'tier', text: 'gold' }] };
    expect(data).toEqual({ customers: { edges: [{ node }] } });
    const refused = await subgraph.send(
      '{ customers(filter: { customField: { key: "seats", number: 1 } }) { totalCount } }',
    );
    expect(refused.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('pages', () => {
  it('gives every customer once, in order, while others are inserted', async () => {
    const ids = await makeCustomers(30);
    const query = `query ($after: String) { customers(first: 7, after: $after, orderBy: [NAME_ASC], filter: { name: { startsWith: "person" } }) {
      edges { node { id displayName } } pageInfo { hasNextPage endCursor } } }`;
    const seen: Node[] = [];
    let after: string | null = null;
    do {
      const page: Page = (await subgraph.send<{ customers: Page }>(query, { after })).data.customers;
      seen.push(...page.edges.map(({ node }) => node));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      await makeCustomers(2);
    } while (after !== null);
    const names = seen.map(({ displayName }) => displayName.toLowerCase());
    expect(names).toEqual([...names].sort());
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(ids.filter((id) => !seen.some((each) => each.id === id))).toEqual([]);
  });

  it('finds every name by its beginning, whatever character comes next', async () => {
    const names = ['Zoë', 'Zoë\u{1f600}', 'Zoë\uffff', 'Zoë B', 'Zo'];
    await change(
      UPSERT,
      names.map((name) => person(drawId(), name)),
    );
    const { data } = await subgraph.send<{ customers: Page }>(
      '{ customers(filter: { name: { startsWith: "zoë" } }) { edges { node { id displayName } } pageInfo { hasNextPage endCursor } } }',
    );
    const found = data.customers.edges.map(({ node }) => node.displayName);
    expect(found.sort()).toEqual(names.slice(0, 4).sort());
  });

  it.each([
    ['filter: { createdAt: { gte: "2026-01-01" } }', 'BAD_USER_INPUT'],
    ['first: 0', 'PAGE_TOO_LARGE'],
    ['first: 101', 'PAGE_TOO_LARGE'],
    ['after: "nonsense"', 'INVALID_CURSOR'],
    ['after: "WyJjLSIseyIkZ3QiOiIifSwiY3VzX3giXQ"', 'INVALID_CURSOR'],
    ['orderBy: [NAME_ASC, CREATED_AT_ASC]', 'BAD_USER_INPUT'],
  ])('refuses %s with %s', async (args, code) => {
    const { errors } = await subgraph.send(`{ customers(${args}) { edges { cursor } } }`);
    expect(errors[0]?.extensions.code).toBe(code);
  });
});

describe('references', () => {
  const entities = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Customer {
    id displayName company { name } timeline(first: 3) { totalCount edges { node { title } } } customFields { key } mergeRecords { loserId } } } }`;

  it('costs the same database queries for 1, 10 and 100 customers', async () => {
    const company = `mutation ($key: ID!) { results: createCompanies(input: [{ name: "Acme" }], idempotencyKey: $key) { company { id } } }`;
    const { data } = await subgraph.send<{ results: { company: { id: string } }[] }>(company, { key: drawId() });
    const companyId = data.results[0]?.company.id;
    const made = await change(
      UPSERT,
      Array.from({ length: 100 }, () => ({ ...person(drawId()), companyId })),
    );
    const add = `mutation ($input: [TimelineEntryInput!]!, $key: ID!) { results: addTimelineEntries(input: $input, idempotencyKey: $key) { code } }`;
    const entry = { kind: 'CALL', title: 'Called', occurredAt: '2026-01-01T00:00:00.000Z' };
    await change(
      add,
      made.map(({ customer }) => ({ ...entry, customerId: customer?.id })),
    );
    const costs = [];
    for (const size of [1, 10, 100]) {
      const representations = made.slice(0, size).map(({ customer }) => ({ __typename: 'Customer', id: customer?.id }));
      const answer = await subgraph.send<{ _entities: { timeline: { totalCount: number } }[] }>(entities, {
        representations,
      });
      expect(answer.errors).toEqual([]);
      expect(answer.data._entities.map(({ timeline }) => timeline.totalCount)).toEqual(Array(size).fill(1));
      costs.push(answer.commands.map(({ collection }) => collection).sort());
    }
    // The timeline is read twice: once for its page, once for its totalCount.
    const expected = ['companies', 'customers', 'merge_records', 'timeline_entries', 'timeline_entries'];
    expect(costs).toEqual([expected, expected, expected]);
  });

  it('fails a bad reference alone', async () => {
    const [id] = await makeCustomers(1);
    const bad = [{ $gt: '' }, '', 7, null, `ord_${drawId()}`, ['cus_aaaaaaaa'], `cus_${'a'.repeat(100)}`];
    const representations = [
      { __typename: 'Customer', id },
      ...bad.map((each) => ({ __typename: 'Customer', id: each })),
    ];
    const query =
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Customer { id } } }';
    const { data, errors } = await subgraph.send<{ _entities: unknown[] }>(query, { representations });
    expect(data._entities).toEqual([{ id }, ...bad.map(() => null)]);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(bad.map(() => 'INVALID_ID'));
  });

  it('shows one tenant nothing of another', async () => {
    const [id] = await makeCustomers(1);
    const query = 'query ($id: ID!) { customer(id: $id) { id } customers(first: 1) { totalCount } }';
    const { data } = await subgraph.send(query, { id }, 'other');
    expect(data).toEqual({ customer: null, customers: { totalCount: 0 } });
  });
});

describe('callers', () => {
  it('refuses a request without the proof of the gateway with 401', async () => {
    const response = await fetch(subgraph.url, { method: 'POST', body: '{"query":"{ customers { totalCount } }"}' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'GATEWAY_ONLY' } }] });
  });
});
