// The customers subgraph as a process: settings → database → schema and resolvers → ready.
import { readConfig } from '../../platform/config.ts';
import { runPart } from '../../platform/lifecycle.ts';
import { runSubgraph, SUBGRAPH_NEEDS, type IndexedModel } from '../kit/serve/runSubgraph.ts';
import { CustomersCommands } from './commands.ts';
import { openDataSubjects } from './dataSubject/openDataSubjects.ts';
import { makeCustomersLoaders } from './loaders.ts';
import { timeline } from './follow/timeline.ts';
import { customersModels } from './model.ts';
import { makeCustomersMutations } from './mutationResolvers.ts';
import { makeCustomersResolvers } from './resolvers.ts';
import { CustomersStore } from './store.ts';

await runPart({
  name: 'customers',
  start: () => {
    const config = readConfig(SUBGRAPH_NEEDS);
    const { CRM_CUSTOMERS_PORT: port, CRM_CUSTOMERS_METRICS_PORT: metricsPort } = config;
    return runSubgraph('customers', { ...config, port, metricsPort }, (base) => {
      const models = customersModels(base.connection);
      const store = new CustomersStore(models);
      const requests = openDataSubjects(base.connection, models);
      const commands = new CustomersCommands(base, models, requests.marks);
      const tables: readonly IndexedModel[] = Object.values(models);
      return {
        models: [...tables, ...requests.models],
        schemaFile: new URL('schema.graphql', import.meta.url),
        resolvers: { ...makeCustomersResolvers(store, requests), Mutation: makeCustomersMutations(commands) },
        makeLoaders: (call) => makeCustomersLoaders(store, call),
        followers: [timeline(models), ...requests.followers],
        chores: requests.chores,
      };
    });
  },
});
