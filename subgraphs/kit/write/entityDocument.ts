// What every document of an entity has: tenant, version, actors, times and the soft delete. The parts of a mongoose
// schema and the values that a change writes are made here, so that no entity forgets one.
import mongoose, { type Schema, type SchemaDefinition } from 'mongoose';
import type { Call } from '../call.ts';

/** The fields that all entity documents share. */
export interface EntityDocument {
  readonly _id: string;
  readonly tenantId: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly createdBy: string;
  readonly updatedBy: string;
  readonly deletedAt: Date | null;
}

/** How an index of an entity is declared; every name is given, because queries name the index they use. */
export interface IndexDeclaration {
  readonly name: string;
  readonly keys: Readonly<Record<string, 1 | -1>>;
  readonly unique?: true;
  readonly expireAfterSeconds?: number;
}

const SHARED_FIELDS = {
  _id: { type: String, required: true },
  tenantId: { type: String, required: true },
  version: { type: Number, required: true },
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
  createdBy: { type: String, required: true },
  updatedBy: { type: String, required: true },
  deletedAt: { type: Date, default: null },
};

/** What a schema is declared from. */
export interface EntityDeclaration {
  readonly collection: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly indexes: readonly IndexDeclaration[];
  /** See docs/scaling.md: why collections with a unique natural key are sharded by tenant alone. */
  readonly shardKey: Readonly<Record<string, 1 | 'hashed'>>;
}

/** Takes fields and indexes; gives a mongoose schema that refuses unknown paths. Adds no shared fields. */
export function declareCollection<D>({ collection, fields, indexes, shardKey }: EntityDeclaration): Schema<D> {
  const schema = new mongoose.Schema(fields as SchemaDefinition, {
    collection,
    strict: 'throw',
    versionKey: false,
    shardKey,
    minimize: false,
  });
  for (const { keys, ...options } of indexes) schema.index(keys, options);
  return schema as Schema<D>;
}

/** Takes the fields and indexes of an entity; gives a mongoose schema with the shared fields added. */
export function declareEntity<D extends EntityDocument>(declaration: EntityDeclaration): Schema<D> {
  return declareCollection<D>({ ...declaration, fields: { ...SHARED_FIELDS, ...declaration.fields } });
}

/** Gives the shared fields of a new document, without its id. */
export function firstVersion(call: Call): Omit<EntityDocument, '_id'> {
  const { tenantId, actor, now } = call;
  return { tenantId, version: 1, createdAt: now, updatedAt: now, createdBy: actor, updatedBy: actor, deletedAt: null };
}
