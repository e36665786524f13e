// Which input fields and enum values the variables of a request name. Only variables whose type can hold some are looked
// into, by readers that are made once of a schema; names are taken, values never.
import { isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import type { GraphQLEnumType, GraphQLInputObjectType, GraphQLInputType } from 'graphql';
import { isFields, type Fields } from '../compiledOperation.ts';

/** Adds what a value names to a set. */
type ReadElements = (value: unknown, found: Set<string>) => void;

/** Takes the variables as received, which fit their types; gives the coordinates of what they name. */
export type ReadVariables = (variables: Fields) => readonly string[];

const NONE: readonly string[] = [];

/** Makes readers for the types of one schema, each once. */
export class VariableReaders {
  readonly #readers = new Map<string, ReadElements>();

  /** Takes the variables of an operation by name; gives what reads them, undefined where none can name anything. */
  forVariables(variables: readonly (readonly [string, GraphQLInputType])[]): ReadVariables | undefined {
    const readers = variables.flatMap(([name, type]) => {
      const read = this.#readerOf(type);
      return read === undefined ? [] : [{ name, read }];
    });
    if (readers.length === 0) return undefined;
    return (given) => {
      const found = new Set<string>();
      for (const { name, read } of readers) {
        const value = given[name];
        if (value !== undefined && value !== null) read(value, found);
      }
      return found.size === 0 ? NONE : [...found];
    };
  }

  #readerOf(type: GraphQLInputType): ReadElements | undefined {
    if (isNonNullType(type)) return this.#readerOf(type.ofType);
    if (isListType(type)) {
      const read = this.#readerOf(type.ofType);
      return read && readEach(read);
    }
    if (!isEnumType(type) && !isInputObjectType(type)) return undefined;
    const known = this.#readers.get(type.name);
    if (known !== undefined) return known;
    const read = isEnumType(type) ? readEnum(type) : this.#readInput(type);
    this.#readers.set(type.name, read);
    return read;
  }

  #readInput(type: GraphQLInputObjectType): ReadElements {
    let fields: Map<string, { readonly coordinate: string; readonly read: ReadElements | undefined }> | undefined;
    return (value, found) => {
      if (!isFields(value)) return;
      // At the first value only: input types may hold themselves.
      fields ??= new Map(
        Object.values(type.getFields()).map((field) => [
          field.name,
          { coordinate: `${type.name}.${field.name}`, read: this.#readerOf(field.type) },
        ]),
      );
      for (const name of Object.keys(value)) {
        const field = fields.get(name);
        if (field === undefined) continue;
        found.add(field.coordinate);
        const inner = value[name];
        if (inner !== undefined && inner !== null) field.read?.(inner, found);
      }
    };
  }
}

/** A single value stands for a list of one. */
function readEach(read: ReadElements): ReadElements {
  return (value, found) => {
    if (Array.isArray(value)) for (const one of value) read(one, found);
    else read(value, found);
  };
}

function readEnum(type: GraphQLEnumType): ReadElements {
  const coordinates = new Map(type.getValues().map(({ name }) => [name, `${type.name}.${name}`]));
  return (value, found) => {
    const coordinate = typeof value === 'string' ? coordinates.get(value) : undefined;
    if (coordinate !== undefined) found.add(coordinate);
  };
}
