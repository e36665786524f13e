// From settings to a running subgraph: database → indexes → server. What stops it is given back for `runPart`.
import type { Connection, Model } from 'mongoose';
import type { Config, Needed } from '../../../platform/config.ts';
import { openLog, type Log } from '../../../platform/log.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { Call } from '../call.ts';
import { DatabaseCommands, openDatabase } from '../read/mongo.ts';
import { idempotencyModel } from '../write/runOnce.ts';
import { startSubgraph, type Resolvers } from './startSubgraph.ts';
import { GatewayVerifier, proofSecretsOf } from './verifyGateway.ts';

/** The settings without default that every subgraph needs. */
export const SUBGRAPH_NEEDS: readonly Needed[] = ['MONGODB_URI', ['CRM_PROOF_SECRET', 'CRM_PROOF_SUBGRAPH_SECRET']];

/** What a subgraph makes of its connection. */
export interface SubgraphDefinition<Loaders> {
  /** The collections, whose indexes are made before the subgraph is ready. */
  readonly models: readonly Pick<Model<never>, 'createIndexes'>[];
  readonly schemaFile: URL;
  readonly resolvers: Resolvers;
  makeLoaders(call: Call): Loaders;
}

type NeededConfig = Config & { readonly port: number };

/** Takes the name, the settings and what the subgraph is made of; gives its URL, its log and what stops it. */
export async function runSubgraph<Loaders>(
  name: string,
  config: NeededConfig,
  define: (connection: Connection) => SubgraphDefinition<Loaders>,
): Promise<{ url: string; log: Log; stop: () => Promise<void>; drainTimeoutMs: number }> {
  const log = openLog(name, config.CRM_LOG_LEVEL);
  const { MONGODB_URI: uri } = config;
  const secrets = proofSecretsOf(config, name);
  if (uri === undefined || secrets.length === 0) throw new Error('readConfig was not asked for what is needed');
  const connection = await openDatabase(uri, `${config.CRM_DATABASE_PREFIX}_${name}`);
  const commands = new DatabaseCommands();
  commands.follow(connection);
  const definition = define(connection);
  await Promise.all([...definition.models, idempotencyModel(connection)].map((model) => model.createIndexes()));
  const { host, port } = { host: config.CRM_HOST, port: config.port };
  const verifier = new GatewayVerifier(secrets, name, systemClock);
  const parts = { name, ...definition };
  const { url, stop } = await startSubgraph(parts, { host, port, verifier, commands, connection, log });
  return { url, log, stop, drainTimeoutMs: config.CRM_DRAIN_TIMEOUT_MS };
}
