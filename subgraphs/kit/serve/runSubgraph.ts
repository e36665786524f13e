// From settings to a running subgraph: database → indexes → server. What stops it is given back for `runPart`.
import type { Model } from 'mongoose';
import type { Config, Needed } from '../../../platform/config.ts';
import { openLog, type Log } from '../../../platform/log.ts';
import { systemClock } from '../../../platform/clock.ts';
import type { Call } from '../call.ts';
import type { Follower } from '../follow/follower.ts';
import type { Chore } from '../follow/runChores.ts';
import { DatabaseCommands, openDatabase } from '../read/mongo.ts';
import type { WriteBase } from '../write/batches.ts';
import { idempotencyModel } from '../write/runOnce.ts';
import { startSubgraph, type Resolvers } from './startSubgraph.ts';
import { serveSubgraphMetrics } from './serveSubgraphMetrics.ts';
import { SubgraphSync } from './subgraphSync.ts';
import { GatewayVerifier, proofSecretsOf } from './verifyGateway.ts';

/** The settings without default that every subgraph needs. */
export const SUBGRAPH_NEEDS: readonly Needed[] = ['MONGODB_URI', ['CRM_PROOF_SECRET', 'CRM_PROOF_SUBGRAPH_SECRET']];

/** A collection, as far as making its indexes goes. */
export type IndexedModel = Pick<Model<never>, 'createIndexes'>;

/** What a subgraph makes of its connection. */
export interface SubgraphDefinition<Loaders> {
  /** The collections, whose indexes are made before the subgraph is ready. */
  readonly models: readonly IndexedModel[];
  readonly schemaFile: URL;
  readonly resolvers: Resolvers;
  makeLoaders(call: Call): Loaders;
  /** What it keeps in step by events, its own and those of others. */
  readonly followers?: readonly Follower[];
  /** What it does by the clock. */
  readonly chores?: readonly Chore[];
}

type NeededConfig = Config & { readonly port: number; readonly metricsPort: number | undefined };

/** Takes the name, the settings and what the subgraph is made of; gives its URL, its log and what stops it. */
export async function runSubgraph<Loaders>(
  name: string,
  config: NeededConfig,
  define: (base: WriteBase) => SubgraphDefinition<Loaders>,
): Promise<{ url: string; log: Log; stop: () => Promise<void>; drainTimeoutMs: number }> {
  const log = openLog(name, config.CRM_LOG_LEVEL);
  const { MONGODB_URI: uri } = config;
  const secrets = proofSecretsOf(config, name);
  if (uri === undefined || secrets.length === 0) throw new Error('readConfig was not asked for what is needed');
  const connection = await openDatabase(uri, `${config.CRM_DATABASE_PREFIX}_${name}`);
  const commands = new DatabaseCommands();
  commands.follow(connection);
  const sync = new SubgraphSync({ name, config, connection, log });
  const definition = define({ connection, outbox: sync.outbox });
  const models = [...definition.models, idempotencyModel(connection), ...sync.models];
  await Promise.all(models.map((model) => model.createIndexes()));
  const { host, port } = { host: config.CRM_HOST, port: config.port };
  const verifier = new GatewayVerifier(secrets, name, systemClock);
  const parts = { name, ...definition };
  const { url, stop } = await startSubgraph(parts, {
    ...{ host, port, verifier, commands, connection, log },
    isFollowing: () => sync.isWell(),
  });
  await sync.start(definition.followers ?? [], definition.chores ?? []);
  const stopMetrics = await serveSubgraphMetrics(config.metricsPort, sync.metrics(), log);
  const stopAll = async (): Promise<void> => {
    await stopMetrics();
    await sync.stop();
    await stop();
  };
  return { url, log, stop: stopAll, drainTimeoutMs: config.CRM_DRAIN_TIMEOUT_MS };
}
