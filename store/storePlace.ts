// Reads what names a store: `file:…`, `mongodb:…`, `https:…`, for the gateway's SUPERGRAPH_SOURCE and the commands' --store
// alike.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../platform/config.ts';
import { StartError } from '../platform/lifecycle.ts';
import { gatewayDatabaseOf, type DatabaseAddress, type GatewayDatabaseConfig } from '../platform/gatewayDatabase.ts';
import { openFolderReader } from './folderReader.ts';
import type { Signing } from './signature.ts';
import type { StoreReader } from './storeReader.ts';

/** Where schemas are published, or a supergraph alone lies, which has no releases. */
export type StorePlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'mongodb'; readonly uri: string; readonly database: string }
  | { readonly kind: 'web'; readonly url: string; readonly token: string | undefined }
  | { readonly kind: 'supergraphFile'; readonly path: string }
  | { readonly kind: 'supergraphUrl'; readonly url: string; readonly token: string | undefined };

/** The place names no store: the message says what is expected. */
export class PlaceError extends Error {
  override readonly name = 'PlaceError';
}

type PlaceConfig = GatewayDatabaseConfig &
  Pick<Config, 'CRM_REGISTRY_TOKEN' | 'CRM_REGISTRY_SECRET' | 'CRM_REGISTRY_SECRET_PREVIOUS'>;

const SUPERGRAPH_FILE = /\.(graphqls?|gql)$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function readFilePlace(text: string): StorePlace {
  const path = text.startsWith('file://') ? fileURLToPath(text) : resolve(text.slice('file:'.length));
  const found = statSync(path, { throwIfNoEntry: false });
  const isFolder = found === undefined ? !SUPERGRAPH_FILE.test(path) : found.isDirectory();
  return { kind: isFolder ? 'folder' : 'supergraphFile', path };
}

function readWebPlace(text: string, token: string | undefined): StorePlace {
  if (!URL.canParse(text)) throw new PlaceError('is no address');
  const url = new URL(text);
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new PlaceError('must be https: plain http is taken from this machine alone');
  }
  if (url.username !== '' || url.password !== '')
    throw new PlaceError('must not hold a password: set CRM_REGISTRY_TOKEN');
  if (SUPERGRAPH_FILE.test(url.pathname)) return { kind: 'supergraphUrl', url: url.href, token };
  // Files are looked for below it, and what stands behind a ? would be lost there.
  if (url.search !== '' || url.hash !== '') throw new PlaceError('must be the address of a folder, without ? and #');
  return { kind: 'web', url: url.href, token };
}

/** The own one for `mongodb:`, whatever its URI names: the one that the keys are in. */
function readMongoPlace(text: string, own: DatabaseAddress): StorePlace {
  if (text === 'mongodb:') return { kind: 'mongodb', ...own };
  const [found, named = ''] = /^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/([^?]*))?/.exec(text) ?? [];
  if (found === undefined) throw new PlaceError('must be as mongodb://host:port/database');
  return { kind: 'mongodb', uri: text, database: named === '' ? own.database : named };
}

/** Takes what names a store, and the settings; gives the place. `mongodb:` alone is the gateway's own database. */
export function readPlace(text: string, config: PlaceConfig): StorePlace {
  const [scheme = ''] = text.split(':', 1);
  if (scheme === 'file' && text.length > 'file:'.length) return readFilePlace(text);
  if (scheme === 'mongodb' || scheme === 'mongodb+srv') {
    return readMongoPlace(text, gatewayDatabaseOf(config));
  }
  if (scheme === 'https' || scheme === 'http') return readWebPlace(text, config.CRM_REGISTRY_TOKEN);
  throw new PlaceError('must begin with file:, mongodb: or https:');
}

/** Takes the settings; gives whose releases are taken. Throws StartError for the secret before without one of now. */
export function signingOf(config: PlaceConfig): Signing {
  const { CRM_REGISTRY_SECRET: secret, CRM_REGISTRY_SECRET_PREVIOUS: previous } = config;
  // It would look like checking, and check nothing.
  if (secret === undefined && previous !== undefined) {
    throw new StartError(
      'CRM_REGISTRY_SECRET_PREVIOUS is set and CRM_REGISTRY_SECRET is not: nothing would be verified',
    );
  }
  return { secret, previous };
}

/** Opens a store for reading; undefined for a supergraph alone. What the other kinds need is loaded only for them. */
export async function openReader(place: StorePlace): Promise<StoreReader | undefined> {
  if (place.kind === 'folder') return openFolderReader(place.path);
  if (place.kind === 'mongodb') {
    const { readerOf, StoreDatabase } = await import('./mongoReader.ts');
    return readerOf(new StoreDatabase(place));
  }
  if (place.kind === 'web') return (await import('./webReader.ts')).openWebReader(place);
  return undefined;
}
