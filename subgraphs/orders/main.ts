// The orders subgraph as a process: settings → database → schema and resolvers → ready.
import { readConfig } from '../../platform/config.ts';
import { runPart } from '../../platform/lifecycle.ts';
import { answerRequests } from '../kit/dataSubject/answerRequests.ts';
import { runSubgraph, SUBGRAPH_NEEDS, type IndexedModel } from '../kit/serve/runSubgraph.ts';
import { OrdersCommands } from './commands.ts';
import { makeOrdersLoaders } from './loaders.ts';
import { customerNames } from './follow/customerNames.ts';
import { ordersModels } from './model.ts';
import { makeOrdersMutations } from './mutationResolvers.ts';
import { makeOrdersResolvers } from './resolvers.ts';
import { personalOrders } from './personalOrders.ts';
import { OrdersStore } from './store.ts';

await runPart({
  name: 'orders',
  start: () => {
    const config = readConfig(SUBGRAPH_NEEDS);
    const { CRM_ORDERS_PORT: port, CRM_ORDERS_METRICS_PORT: metricsPort } = config;
    return runSubgraph('orders', { ...config, port, metricsPort }, (base) => {
      const models = ordersModels(base.connection);
      const store = new OrdersStore(models);
      const commands = new OrdersCommands(base, models);
      const personal = personalOrders(base.connection, models);
      const tables: readonly IndexedModel[] = Object.values(models);
      return {
        models: [...tables, personal.steps],
        schemaFile: new URL('schema.graphql', import.meta.url),
        resolvers: { ...makeOrdersResolvers(store), Mutation: makeOrdersMutations(commands) },
        makeLoaders: (call) => makeOrdersLoaders(store, call),
        followers: [customerNames(models), answerRequests(personal)],
      };
    });
  },
});
