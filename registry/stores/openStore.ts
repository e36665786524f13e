// Opens the store that a command names, or the setting SUPERGRAPH_SOURCE.
import { PlaceError, type StorePlace } from '../../store/storePlace.ts';
import { openFolderStore } from './folderStore.ts';
import type { SchemaStore } from './schemaStore.ts';

/** Opens a store for publishing. Throws PlaceError for a place that cannot be published into. */
export async function openStore(place: StorePlace): Promise<SchemaStore> {
  if (place.kind === 'folder') return openFolderStore(place.path);
  if (place.kind === 'mongodb') return (await import('./mongoStore.ts')).openMongoStore(place);
  throw new PlaceError('can be read, not published into: that takes file:FOLDER or mongodb:…');
}
