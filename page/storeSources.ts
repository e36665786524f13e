// The schema that is published in a store, and its history.
import type { Config } from '../platform/config.ts';
import { openReader, readPlace, signingOf } from '../store/storePlace.ts';
import { PublishedSchemas } from '../store/storeReader.ts';
import { PageFault, type PageSources } from './pageSources.ts';
import { ReleaseLog } from './releaseLog.ts';
import type { ShownSchema } from './schemaIndex.ts';

/** A store as the page reads it. */
export type StoreSources = Pick<PageSources, 'schema' | 'close'> & {
  readonly log: ReleaseLog;
  readonly storeName: string;
};

const NAMES = { file: 'a folder', mongodb: 'MongoDB', https: 'a web server' } as const;

/** Takes what names a store; undefined for one supergraph alone, which has no releases. Throws PlaceError. */
export async function openStoreSources(text: string, config: Config): Promise<StoreSources | undefined> {
  const reader = await openReader(readPlace(text, config));
  if (reader === undefined) return undefined;
  const published = new PublishedSchemas(reader, signingOf(config));
  const log = new ReleaseLog(published);
  let shown: ShownSchema | undefined;
  return {
    log,
    storeName: NAMES[reader.kind],
    async schema() {
      const newest = await log.newest();
      if (newest === undefined) {
        throw new PageFault('Nothing is published yet.', 'Publish with: crm-graph schema publish --message "…"');
      }
      const { release, hash } = newest;
      if (shown?.hash === hash) return shown;
      const contracts = new Map<string, string>();
      for (const [name, artifact] of Object.entries(release.contracts)) {
        contracts.set(name, await published.text(artifact));
      }
      const supergraph = await published.text(release.supergraph);
      shown = { hash, name: `Release ${release.number}`, supergraph, contracts };
      return shown;
    },
    close: () => reader.close(),
  };
}
