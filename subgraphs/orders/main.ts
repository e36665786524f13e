// The orders subgraph as a process: settings → database → schema and resolvers → ready.
import { readConfig } from '../../platform/config.ts';
import { runPart } from '../../platform/lifecycle.ts';
import { runSubgraph, SUBGRAPH_NEEDS } from '../kit/serve/runSubgraph.ts';
import { OrdersCommands } from './commands.ts';
import { makeOrdersLoaders } from './loaders.ts';
import { ordersModels } from './model.ts';
import { makeOrdersMutations } from './mutationResolvers.ts';
import { makeOrdersResolvers } from './resolvers.ts';
import { OrdersStore } from './store.ts';

await runPart({
  name: 'orders',
  start: () => {
    const config = readConfig(SUBGRAPH_NEEDS);
    return runSubgraph('orders', { ...config, port: config.CRM_ORDERS_PORT }, (connection) => {
      const models = ordersModels(connection);
      const store = new OrdersStore(models);
      const commands = new OrdersCommands(connection, models);
      return {
        models: Object.values(models),
        schemaFile: new URL('schema.graphql', import.meta.url),
        resolvers: { ...makeOrdersResolvers(store), Mutation: makeOrdersMutations(commands) },
        makeLoaders: (call) => makeOrdersLoaders(store, call),
      };
    });
  },
});
