// Where the page's data comes from, as ports: the working tree or a store for `crm-graph registry serve`, what is served
// for the gateway's admin port.
import type { PageError, UseState } from './pageWords.ts';
import type { ReleaseLog } from './releaseLog.ts';
import type { ShownSchema } from './schemaIndex.ts';
import type { KnownUse } from './useFold.ts';

/** Something expected is in the way; people are told what, and what to do. */
export class PageFault extends Error {
  override readonly name = 'PageFault';
  readonly told: PageError;
  readonly status: 400 | 404 | 503;

  constructor(what: string, mend: string, status: 400 | 404 | 503 = 503) {
    super(what);
    this.told = { what, mend };
    this.status = status;
  }
}

/** The use of the schema as far as it is known now. */
export type UseNow = KnownUse | { readonly state: Exclude<UseState, { kind: 'known' }> };

/** What the page is made of. */
export interface PageSources {
  /** The schema of this moment; the same object as long as it is the same. Rejects with PageFault where there is none. */
  schema(): Promise<ShownSchema>;
  /** Undefined where nothing is published anywhere. */
  readonly log: ReleaseLog | undefined;
  /** Where releases lie, in words. */
  readonly storeName: string | undefined;
  /** Never rejects and does not wait for what takes long. */
  use(): UseNow;
  /** Checks the working tree now, and gives the report as JSON; undefined where there is no working tree. */
  readonly checkNow: (() => Promise<unknown>) | undefined;
  close(): Promise<void>;
}
