// A customer that others were merged into has several names. A batch that uses two of them changes one document, one
// item after the other; and the inner name of a merged duplicate is nobody's to use.
import { drawId } from '../../../platform/random.ts';
import { customersModels, type CustomersModels } from '../../../subgraphs/customers/model.ts';
import { startTestSubgraph, type TestSubgraph } from '../../harness/subgraphClient.ts';

interface Result {
  readonly code: string;
  readonly currentVersion: number | null;
  readonly customer: { id: string; phone: string | null; version: number } | null;
}

const RESULT = '{ code currentVersion customer { id phone version } }';
const INPUTS = { Customers: 'CustomerInput', update: 'CustomerPatch', restore: 'VersionedId', delete: 'VersionedId' };

describe('a customer with several names', () => {
  let subgraph: TestSubgraph<CustomersModels>;
  const change = async (verb: 'upsert' | 'update' | 'restore' | 'delete', input: unknown): Promise<Result[]> => {
    const type = verb === 'upsert' ? INPUTS.Customers : INPUTS[verb];
    const mutation = `mutation ($input: [${type}!]!, $key: ID!) { made: ${verb}Customers(input: $input, idempotencyKey: $key) ${RESULT} }`;
    const { data, errors } = await subgraph.send<{ made: Result[] }>(mutation, { input, key: drawId() });
    expect(errors).toEqual([]);
    return data.made;
  };
  const merge = async (keep: string, lose: string, version = 1): Promise<Result> => {
    const mutation = `mutation ($keep: ID!, $lose: ID!, $version: Int!, $key: ID!) { made: mergeCustomers(keep: $keep, lose: $lose, version: $version, idempotencyKey: $key) ${RESULT} }`;
    const { data, errors } = await subgraph.send<{ made: Result }>(mutation, { keep, lose, version, key: drawId() });
    expect(errors).toEqual([]);
    return data.made;
  };
  const person = (externalId: string, more: object = {}) => ({
    source: 'shop',
    externalId,
    displayName: 'Ann',
    ...more,
  });
  const mergedPair = async () => {
    const names = [drawId(), drawId()] as const;
    const [keeper, loser] = await change('upsert', [person(names[0]), person(names[1])]);
    const ids = [keeper?.customer?.id ?? '', loser?.customer?.id ?? ''] as const;
    await merge(...ids);
    return { names, ids };
  };

  beforeAll(async () => {
    subgraph = await startTestSubgraph('customers', customersModels);
  });
  afterAll(() => subgraph.stop());

  it('keeps what both items of a batch change that name it differently', async () => {
    const { names } = await mergedPair();
    const results = await change('upsert', [
      person(names[0], { displayName: 'Bea' }),
      person(names[1], { displayName: 'Bea', phone: '777' }),
    ]);
    expect(results.map(({ code, currentVersion }) => [code, currentVersion])).toEqual([
      ['UPDATED', 3],
      ['UPDATED', 4],
    ]);
    expect(results[1]?.customer).toMatchObject({ phone: '777', version: 4 });
  });

  it('is in CONFLICT where the second item believes in the version before the first', async () => {
    const { ids } = await mergedPair();
    const results = await change('update', [
      { id: ids[0], version: 2, displayName: 'Bea' },
      { id: ids[1], version: 2, phone: '777' },
    ]);
    expect(results.map(({ code }) => code)).toEqual(['UPDATED', 'CONFLICT']);
  });

  it('is changed by its ids alone: not by an inner name, not by that of another system', async () => {
    const { names, ids } = await mergedPair();
    for (const id of [`merged:${ids[1]}`, `4:shop:${names[0]}`]) {
      const results = [
        ...(await change('restore', [{ id, version: 2 }])),
        ...(await change('delete', [{ id, version: 2 }])),
        ...(await change('update', [{ id, version: 2, displayName: 'Eve' }])),
        await merge(ids[0], id, 2),
      ];
      expect(results.map(({ code }) => code)).toEqual(['INVALID', 'INVALID', 'INVALID', 'INVALID']);
    }
  });
});
