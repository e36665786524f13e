// The marketing subgraph as a process: settings → database → schema and resolvers → ready.
import { readConfig } from '../../platform/config.ts';
import { runPart } from '../../platform/lifecycle.ts';
import { answerRequests } from '../kit/dataSubject/answerRequests.ts';
import { runSubgraph, SUBGRAPH_NEEDS, type IndexedModel } from '../kit/serve/runSubgraph.ts';
import { AudienceStore } from './audienceStore.ts';
import { CampaignStore } from './campaignStore.ts';
import { MarketingCommands } from './commands.ts';
import { makeMarketingLoaders } from './loaders.ts';
import { mergedCustomers } from './follow/mergedCustomers.ts';
import { ordersFollower } from './follow/orders.ts';
import { marketingModels } from './model.ts';
import { makeMarketingMutations } from './mutationResolvers.ts';
import { personalMarketing } from './personalMarketing.ts';
import { makeMarketingResolvers } from './resolvers.ts';

await runPart({
  name: 'marketing',
  start: () => {
    const config = readConfig(SUBGRAPH_NEEDS);
    const { CRM_MARKETING_PORT: port, CRM_MARKETING_METRICS_PORT: metricsPort } = config;
    return runSubgraph('marketing', { ...config, port, metricsPort }, (base) => {
      const models = marketingModels(base.connection);
      const stores = { campaigns: new CampaignStore(models), audience: new AudienceStore(models) };
      const commands = new MarketingCommands(base, models);
      const personal = personalMarketing(base.connection, models);
      const tables: readonly IndexedModel[] = Object.values(models);
      return {
        models: [...tables, personal.steps],
        schemaFile: new URL('schema.graphql', import.meta.url),
        resolvers: { ...makeMarketingResolvers(stores), Mutation: makeMarketingMutations(commands) },
        makeLoaders: (call) => makeMarketingLoaders(stores, call),
        followers: [ordersFollower(models), mergedCustomers(models), answerRequests(personal)],
      };
    });
  },
});
