// Which copies there are and what they are compared with. Each subgraph says it in its `drift.json`: what it owns that
// others copy, how its entities are told again, and what it copies itself. So its collections are named by itself alone.
import { readFileSync } from 'node:fs';
import type { AggregateType } from '../../contracts/event.ts';

/** Values of rows by a common key, in one collection. */
export interface DriftView {
  readonly collection: string;
  /** The field with the key. */
  readonly key: string;
  /** Whether the key stands behind the tenant and a colon there. */
  readonly isKeyPrefixed?: boolean;
  /** The compared values: by a common name, where they stand; a number is a place in a list, -1 the last. */
  readonly value: Readonly<Record<string, string>>;
}

/** What a subgraph owns. */
export interface OwnedView extends DriftView {
  /** What a copy holds where the owner has no row; without it such copies are not compared. */
  readonly empty?: Readonly<Record<string, unknown>>;
  /** Which entities tell what is needed to make a copy again, and the field of theirs that has the key. */
  readonly tell: { readonly entity: AggregateType; readonly by: string };
}

/** What a subgraph copies. */
export interface CopiedView extends DriftView {
  /** The subgraph that owns it, under the same name. */
  readonly from: string;
  /** The consumer that keeps the copy. */
  readonly consumer: string;
  /** Whether a copy must be there for each row of the owner that has a value. */
  readonly isComplete: boolean;
  /** Copies that hold something else here were made by somebody else, and are not compared. */
  readonly where?: Readonly<Record<string, string | null>>;
  /** The update that makes a wrong copy one that is made anew by what is told; none where that needs nothing. */
  readonly reset?: Readonly<Record<string, object>>;
}

/** How the state of an entity is told again: the fields of the document that stand in the event's data. */
export interface ToldEntity {
  readonly collection: string;
  readonly type: string;
  readonly data: readonly string[];
  /** The field with the customer whose key seals the personal fields. */
  readonly customerId: string;
  readonly personal: readonly string[];
}

interface DriftFile {
  readonly owned: Readonly<Record<string, OwnedView>>;
  readonly told: Readonly<Partial<Record<AggregateType, ToldEntity>>>;
  readonly copied: Readonly<Record<string, CopiedView>>;
}

/** A copy and its owner. */
export interface DriftPair {
  readonly name: string;
  /** The subgraph that has the copy. */
  readonly follower: string;
  readonly owned: OwnedView;
  readonly copied: CopiedView;
  readonly told: ToldEntity;
}

const SUBGRAPHS = ['customers', 'orders', 'marketing'] as const;

function readFile(subgraph: string): DriftFile {
  const url = new URL(`../../subgraphs/${subgraph}/drift.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as DriftFile;
}

/** Gives every pair. Throws where a subgraph copies what nobody owns. */
export function readDriftPairs(): DriftPair[] {
  const files = new Map(SUBGRAPHS.map((subgraph) => [subgraph as string, readFile(subgraph)]));
  return [...files].flatMap(([follower, { copied }]) =>
    Object.entries(copied).map(([name, view]) => {
      const owner = files.get(view.from);
      const owned = owner?.owned[name];
      const told = owned === undefined ? undefined : owner?.told[owned.tell.entity];
      if (owned === undefined || told === undefined) throw new Error(`${follower} copies ${name}, which nobody owns`);
      return { name, follower, owned, copied: view, told };
    }),
  );
}
