// What a create, an upsert or a patch means for entities that other systems name by (source, externalId): the part that
// is the same for all of them. Pure: input and document in, decision out.
import { checkExternalRef, firstFault, type Fault } from './checkInput.ts';
import type { EntityDocument } from './entityDocument.ts';
import { externalKeyOf, type ExternalRef } from '../read/readReference.ts';
import type { Decision, Item } from './writeBatch.ts';

/** How an entity is named by another system, as it is kept. */
export interface NaturalKey {
  readonly externalRef: ExternalRef;
  readonly externalKey: string;
}

/** The part of an input that names the entity. */
export interface NaturalInput {
  readonly source?: string | null;
  readonly externalId?: string | null;
  readonly version?: number | null;
}

/** The part of a patch that names the entity. */
export interface PatchInput {
  readonly id: string;
  readonly version: number;
}

/** What is particular to a kind of entity: `Content` is what both its inputs and its patches can hold. */
export interface NaturalKind<D extends EntityDocument, Content, Input extends Content> {
  /** Gives what is wrong with the content, for a new entity or for the stored one. */
  check(content: Content, stored: D | undefined): Fault;
  /** Gives the stored fields of what is given; what is absent stays out. */
  fieldsOf(content: Content): Partial<D>;
  /** Gives the fields of a new entity, whose id will be `newId`. */
  first(input: Input, key: NaturalKey, newId: string): Omit<D, keyof EntityDocument>;
}

function refusal(code: 'INVALID' | 'CONFLICT' | 'NOT_FOUND', message: string) {
  return { do: 'refuse', code, message } as const;
}

function patch<D extends EntityDocument>(stored: D, fields: Partial<D>): Decision<D> {
  return stored.deletedAt === null ? { do: 'patch', fields } : refusal('CONFLICT', 'It is deleted: restore it first.');
}

/** Takes a kind, an input, its place in the batch and whether a known one is updated; gives the item. */
export function naturalItem<D extends EntityDocument, Content, Input extends Content & NaturalInput>(
  kind: NaturalKind<D, Content, Input>,
  input: Input,
  { at, isUpsert }: { at: number; isUpsert: boolean },
): Item<D> {
  const { source, externalId } = input;
  const key = source == null || externalId == null ? `new:${at}` : externalKeyOf({ source, id: externalId });
  return {
    key,
    version: input.version,
    decide(stored, newId): Decision<D> {
      const isNameless = isUpsert && source == null ? 'An upsert needs source and externalId.' : undefined;
      const fault = firstFault(isNameless, checkExternalRef(input), kind.check(input, stored));
      if (fault !== undefined) return refusal('INVALID', fault);
      if (stored === undefined) {
        const externalRef = { source: source ?? 'crm', id: externalId ?? newId };
        return {
          do: 'insert',
          fields: kind.first(input, { externalRef, externalKey: externalKeyOf(externalRef) }, newId),
        };
      }
      if (!isUpsert) return refusal('CONFLICT', 'This source and externalId are known.');
      return patch(stored, kind.fieldsOf(input));
    },
  };
}

/** Takes a kind and a patch; gives the item. */
export function naturalPatchItem<D extends EntityDocument, Content, Input extends Content>(
  kind: NaturalKind<D, Content, Input>,
  input: Content & PatchInput,
): Item<D> {
  return {
    key: input.id,
    version: input.version,
    decide(stored): Decision<D> {
      if (stored === undefined) return refusal('NOT_FOUND', 'There is no such entity.');
      const fault = kind.check(input, stored);
      return fault === undefined ? patch(stored, kind.fieldsOf(input)) : refusal('INVALID', fault);
    },
  };
}
