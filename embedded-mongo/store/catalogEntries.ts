// What the catalog knows of a collection and of an index, ready for use: paths split, filters compiled.
import type { FilterNode } from '../query/filterNode.ts';
import type { DocTest } from '../query/matches.ts';
import type { Doc } from '../values/kinds.ts';

/** One field of an index. */
export interface IndexField {
  readonly path: string;
  readonly segments: readonly string[];
  readonly descending: boolean;
}

/** Fields of an index, of which there are 32 at most: bit `n` stands for field `n`. */
export type FieldSet = number;

/** Whether a set has field `at`. */
export function hasField(fields: FieldSet, at: number): boolean {
  return (fields & (1 << at)) !== 0;
}

/** An index; `table` is its SQLite table. */
export interface IndexInfo {
  readonly id: number;
  readonly table: string;
  readonly name: string;
  readonly fields: readonly IndexField[];
  /** The key pattern as the client gave it. */
  readonly pattern: Doc;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partial: { readonly node: FilterNode; readonly test: DocTest } | undefined;
  /** Seconds after which a document goes, counted from the date in the index's field. */
  expireAfterSeconds: number | undefined;
  /** The whole specification, as listIndexes gives it. */
  spec: Doc;
  /** The fields at whose paths a document with an array has been seen. */
  arrays: FieldSet;
  /** Those of them that the file names, too. */
  arraysStored: FieldSet;
  /** The number of the write after which it could be read. */
  readonly createdAt: number;
}

/** A collection or a view; `table` is the SQLite table of the documents. */
export interface CollectionInfo {
  readonly id: number;
  readonly table: string;
  readonly database: string;
  name: string;
  options: Doc;
  readonly view: { readonly on: string; readonly pipeline: readonly Doc[] } | undefined;
  readonly indexes: IndexInfo[];
  /** The number that the next document gets. */
  nextRow: number;
  /** The number of the write after which it could be read. */
  readonly createdAt: number;
  /** Made in a transaction that is still open: it has no tables yet. */
  pending: boolean;
}

/** The full name of a collection. */
export function namespaceOf(collection: { readonly database: string; readonly name: string }): string {
  return `${collection.database}.${collection.name}`;
}
