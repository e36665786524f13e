// The marketing subgraph as a process: settings → database → schema and resolvers → ready.
import { readConfig } from '../../platform/config.ts';
import { runPart } from '../../platform/lifecycle.ts';
import { runSubgraph, SUBGRAPH_NEEDS } from '../kit/serve/runSubgraph.ts';
import { AudienceStore } from './audienceStore.ts';
import { CampaignStore } from './campaignStore.ts';
import { MarketingCommands } from './commands.ts';
import { makeMarketingLoaders } from './loaders.ts';
import { marketingModels } from './model.ts';
import { makeMarketingMutations } from './mutationResolvers.ts';
import { makeMarketingResolvers } from './resolvers.ts';

await runPart({
  name: 'marketing',
  start: () => {
    const config = readConfig(SUBGRAPH_NEEDS);
    return runSubgraph('marketing', { ...config, port: config.CRM_MARKETING_PORT }, (connection) => {
      const models = marketingModels(connection);
      const stores = { campaigns: new CampaignStore(models), audience: new AudienceStore(models) };
      const commands = new MarketingCommands(connection, models);
      return {
        models: Object.values(models),
        schemaFile: new URL('schema.graphql', import.meta.url),
        resolvers: { ...makeMarketingResolvers(stores), Mutation: makeMarketingMutations(commands) },
        makeLoaders: (call) => makeMarketingLoaders(stores, call),
      };
    });
  },
});
