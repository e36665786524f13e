// The customers subgraph as a process: settings → database → schema and resolvers → ready.
import { readConfig } from '../../platform/config.ts';
import { runPart } from '../../platform/lifecycle.ts';
import { runSubgraph, SUBGRAPH_NEEDS } from '../kit/serve/runSubgraph.ts';
import { CustomersCommands } from './commands.ts';
import { makeCustomersLoaders } from './loaders.ts';
import { customersModels } from './model.ts';
import { makeCustomersMutations } from './mutationResolvers.ts';
import { makeCustomersResolvers } from './resolvers.ts';
import { CustomersStore } from './store.ts';

await runPart({
  name: 'customers',
  start: () => {
    const config = readConfig(SUBGRAPH_NEEDS);
    return runSubgraph('customers', { ...config, port: config.CRM_CUSTOMERS_PORT }, (connection) => {
      const models = customersModels(connection);
      const store = new CustomersStore(models);
      const commands = new CustomersCommands(connection, models);
      return {
        models: Object.values(models),
        schemaFile: new URL('schema.graphql', import.meta.url),
        resolvers: { ...makeCustomersResolvers(store), Mutation: makeCustomersMutations(commands) },
        makeLoaders: (call) => makeCustomersLoaders(store, call),
      };
    });
  },
});
