// What a run needs beside its definition, and how it is opened from the settings: the database of states, the ways to
// the subgraphs, the folder of rejects, the secrets of sources.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connection } from 'mongoose';
import { deriveSubgraphSecret } from '../../../contracts/gatewayProof.ts';
import { inheritedEnvironment, type Config } from '../../../platform/config.ts';
import { collectOften } from '../../../platform/garbage.ts';
import { systemClock, type Clock } from '../../../platform/clock.ts';
import { StartError } from '../../../platform/lifecycle.ts';
import { drawId, seededRandom } from '../../../platform/random.ts';
import { SourceFault, type SecretName } from '../connector.ts';
import { openSourceStates, type SourceStates } from './sourceStates.ts';
import { openSubgraphClient, type TargetClient } from './subgraphClient.ts';

/** What a run needs beside its definition. */
export interface RunDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly states: SourceStates;
  /** The folder of the reject files. */
  readonly rejectFolder: string;
  /** Opens the way to a subgraph on behalf of a source; the run closes it. */
  openTarget(subgraph: string, source: string): TargetClient;
  /** Reads a secret of a source, relative to the folder of the configuration. Throws SourceFault. */
  readSecret(name: SecretName, basePath: string): string;
  /** Draws a name that no other has. */
  drawId(): string;
}

/** The addresses of the subgraphs, by name; those of this machine where none is given. */
export type SubgraphUrls = Readonly<Record<string, string>>;

function ownUrls(config: Config): SubgraphUrls {
  const at = (port: number): string => `http://${config.CRM_HOST}:${port}/graphql`;
  return {
    customers: at(config.CRM_CUSTOMERS_PORT),
    orders: at(config.CRM_ORDERS_PORT),
    marketing: at(config.CRM_MARKETING_PORT),
  };
}

function readSecret(name: SecretName, basePath: string): string {
  if ('file' in name) {
    try {
      return readFileSync(resolve(basePath, name.file), 'utf8').trim();
    } catch (error) {
      throw new SourceFault(`the secret cannot be read from ${name.file}`, { cause: error });
    }
  }
  const value = inheritedEnvironment()[name.env];
  if (value === undefined || value === '') throw new SourceFault(`the environment has no ${name.env}`);
  return value;
}

/** Takes the settings, the connection to `<prefix>_sync` and addresses that differ; gives what runs need. */
export function openRunDeps(config: Config, connection: Connection, urls: SubgraphUrls = {}): RunDeps {
  // What runs sources moves millions of rows through its memory.
  collectOften();
  const secret = config.CRM_PROOF_SECRET;
  if (secret === undefined) throw new StartError('CRM_PROOF_SECRET is missing: the subgraphs answer no one without it');
  const all = { ...ownUrls(config), ...urls };
  return {
    clock: systemClock,
    random: seededRandom(systemClock.now().getTime()),
    states: openSourceStates(connection),
    rejectFolder: join(resolve(config.CRM_DATA_PATH), 'rejects'),
    openTarget(subgraph, source) {
      const url = all[subgraph];
      if (url === undefined) throw new StartError(`there is no address of ${subgraph}`);
      return openSubgraphClient({
        subgraph,
        url: new URL(url),
        secret: deriveSubgraphSecret(secret, subgraph),
        tenantId: config.CRM_TENANT_ID,
        actor: `sync:${source}`,
        scopes: `${subgraph}:read ${subgraph}:write`,
        clock: systemClock,
      });
    },
    readSecret,
    drawId,
  };
}
