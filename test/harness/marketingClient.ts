// What the tests of marketing ask for again and again: a running subgraph, a mutation's results, a customer's fields.
import { marketingModels, type MarketingModels } from '../../subgraphs/marketing/model.ts';
import { startTestSubgraph, type TestSubgraph } from './subgraphClient.ts';

/** The result of one item of a mutation, with what else was asked for. */
export interface MarketingResult {
  readonly code: string;
  readonly message: string | null;
  readonly movedCount?: number;
}

/** A running marketing subgraph, and the ways that tests speak to it. */
export interface MarketingClient {
  readonly subgraph: TestSubgraph<MarketingModels>;
  /** Gives an idempotency key that was not used yet. */
  nextKey(): string;
  /** Takes a mutation, its input's type, its items and more fields to ask for; gives the results of the items. */
  mutate<R = MarketingResult>(mutation: string, type: string, input: readonly object[], more?: string): Promise<R[]>;
  /** Creates an e-mail campaign and gives its id. */
  createCampaign(): Promise<string>;
  /** Reads fields of a customer as the gateway does: by reference. */
  customer(id: string, fields: string): Promise<unknown>;
  /** Gives what the customer's audience profile says of its channels. */
  consentedChannels(customerId: string): Promise<readonly string[] | undefined>;
}

/** Gives the codes of results. */
export function codesOf(results: readonly MarketingResult[]): string[] {
  return results.map(({ code }) => code);
}

/** Gives a moment in March 2026. */
export function dayInMarch(date: number): string {
  return `2026-03-${String(date).padStart(2, '0')}T10:00:00.000Z`;
}

/** Starts marketing on an empty database. */
export async function startMarketing(): Promise<MarketingClient> {
  const subgraph = await startTestSubgraph('marketing', marketingModels);
  let keys = 0;

  function nextKey(): string {
    keys += 1;
    return `key ${keys}`;
  }

  async function mutate<R>(mutation: string, type: string, input: readonly object[], more = ''): Promise<R[]> {
    const { data, errors } = await subgraph.send<{ results: R[] }>(
      `mutation ($input: [${type}!]!, $key: ID!) {
        results: ${mutation}(input: $input, idempotencyKey: $key) { code message ${more} } }`,
      { input, key: nextKey() },
    );
    expect(errors).toEqual([]);
    return data.results;
  }

  return {
    subgraph,
    nextKey,
    mutate,
    async createCampaign() {
      const input = [{ name: 'Mail', channel: 'EMAIL' }];
      type Created = { campaign: { id: string } };
      const [created] = await mutate<Created>('createCampaigns', 'CampaignInput', input, 'campaign { id }');
      return created?.campaign.id ?? '';
    },
    async customer(id, fields) {
      const { data, errors } = await subgraph.send<{ _entities: unknown[] }>(
        `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { ${fields} } } }`,
        { of: [{ __typename: 'Customer', id }] },
      );
      expect(errors).toEqual([]);
      return data._entities[0];
    },
    async consentedChannels(customerId) {
      const profile = await subgraph.models.audienceProfiles.findOne({ tenantId: 'main', customerId }).lean();
      return profile?.consentedChannels;
    },
  };
}
