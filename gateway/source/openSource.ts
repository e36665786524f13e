// Opens what the gateway is told to follow: the file of --supergraph, or SUPERGRAPH_SOURCE.
import type { Config } from '../../platform/config.ts';
import { hostsOf } from '../../platform/gatewayDatabase.ts';
import { StartError } from '../../platform/lifecycle.ts';
import { openReader, PlaceError, readPlace, signingOf, type StorePlace } from '../../store/storePlace.ts';
import { openFileSource, openUrlSource } from './fileSource.ts';
import { openStoreSource } from './storeSource.ts';
import type { SupergraphSource } from './supergraphSource.ts';

const UNSIGNED_FILE =
  'SUPERGRAPH_SOURCE: CRM_REGISTRY_SECRET is set, and a supergraph alone carries no signature: name the folder that `crm-graph schema publish` writes';

function nameOf(place: StorePlace): string {
  if (place.kind === 'mongodb') return `mongodb://${hostsOf(place.uri)}/${place.database}`;
  return 'path' in place ? `file:${place.path}` : place.url;
}

function placeOf(text: string, config: Config): StorePlace {
  try {
    return readPlace(text, config);
  } catch (error) {
    if (error instanceof PlaceError) throw new StartError(`SUPERGRAPH_SOURCE ${error.message}`);
    throw error;
  }
}

/** Opens a source, which may be away. Throws StartError for a setting that cannot be meant. */
export async function openSource(supergraphPath: string | undefined, config: Config): Promise<SupergraphSource> {
  if (supergraphPath !== undefined) return openFileSource(supergraphPath);
  if (config.SUPERGRAPH_SOURCE === undefined) throw new StartError('name a supergraph: SUPERGRAPH_SOURCE is not set');
  const place = placeOf(config.SUPERGRAPH_SOURCE, config);
  const signing = signingOf(config);
  const reader = await openReader(place);
  if (reader !== undefined) return openStoreSource(reader, nameOf(place), signing);
  if (signing.secret !== undefined) throw new StartError(UNSIGNED_FILE);
  return place.kind === 'supergraphUrl' ? openUrlSource(place) : openFileSource(nameOf(place).slice('file:'.length));
}
