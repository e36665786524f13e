// A subgraph process of the kit one of whose resolvers leaves a rejected promise behind, one throws and one rejects:
// what a fault in a resolver does to the process and to the others' requests. `node rejectingSubgraph.ts NAME SCHEMA_FILE`
import { pathToFileURL } from 'node:url';
import mongoose from 'mongoose';
import { systemClock } from '../../platform/clock.ts';
import { readConfig } from '../../platform/config.ts';
import { runPart } from '../../platform/lifecycle.ts';
import { openLog } from '../../platform/log.ts';
import { DatabaseCommands } from '../../subgraphs/kit/read/mongo.ts';
import { startSubgraph } from '../../subgraphs/kit/serve/startSubgraph.ts';
import { GatewayVerifier, proofSecretsOf } from '../../subgraphs/kit/serve/verifyGateway.ts';

const [name = '', schemaPath = ''] = process.argv.slice(2);

await runPart({
  name,
  async start() {
    const config = readConfig(['CRM_PROOF_SECRET']);
    const log = openLog(name, 'info');
    const resolvers = {
      Query: {
        fine: () => 'fine',
        rejects: () => Promise.reject(new Error('a secret of the subgraph')),
        throws: () => {
          throw new Error('a secret of the subgraph');
        },
        leaves: () => {
          void Promise.reject(new Error('nobody waits for this'));
          return 'left';
        },
      },
    };
    const place = {
      host: '127.0.0.1',
      port: 0,
      verifier: new GatewayVerifier(proofSecretsOf(config, name), name, systemClock),
      commands: new DatabaseCommands(),
      connection: mongoose.createConnection(),
      log,
    };
    const parts = { name, schemaFile: pathToFileURL(schemaPath), resolvers, makeLoaders: () => ({}) };
    const { url, stop } = await startSubgraph(parts, place);
    return { url, log, stop, drainTimeoutMs: 1_000 };
  },
});
