// Which input fields and enum values the variables of a request name. Only variables whose type can hold some are looked
// into, by readers that are made once of a schema; names are taken, values never.
import { isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import type { GraphQLEnumType, GraphQLInputObjectType, GraphQLInputType } from 'graphql';
import { isFields, type Fields } from '../compiledOperation.ts';

/** What can be named: found once in each request, however often it stands there. */
interface Element {
  readonly coordinate: string;
  /** The request in which it was found last. */
  foundIn: number;
}

/** What a request names, so far. */
interface Found {
  readonly request: number;
  readonly coordinates: string[];
}

/** Adds what a value names. */
type ReadElements = (value: unknown, found: Found) => void;

/** Takes the variables as received, which fit their types; gives the coordinates of what they name. */
export type ReadVariables = (variables: Fields) => readonly string[];

function note(element: Element, { request, coordinates }: Found): void {
  if (element.foundIn === request) return;
  element.foundIn = request;
  coordinates.push(element.coordinate);
}

/** Makes readers for the types of one schema, each once. */
export class VariableReaders {
  readonly #readers = new Map<string, ReadElements>();
  #requests = 0;

  /** Takes the variables of an operation by name; gives what reads them, undefined where none can name anything. */
  forVariables(variables: readonly (readonly [string, GraphQLInputType])[]): ReadVariables | undefined {
    const readers = variables.flatMap(([name, type]) => {
      const read = this.#readerOf(type);
      return read === undefined ? [] : [{ name, read }];
    });
    if (readers.length === 0) return undefined;
    return (given) => {
      const found = { request: ++this.#requests, coordinates: [] };
      for (const { name, read } of readers) {
        const value = given[name];
        if (value !== undefined && value !== null) read(value, found);
      }
      return found.coordinates;
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
    let fields: Map<string, Element & { readonly read: ReadElements | undefined }> | undefined;
    // Whoever gives one lacks a field of it that is wanted later, even if they give none of its fields.
    const itself: Element = { coordinate: `${type.name}{}`, foundIn: 0 };
    return (value, found) => {
      if (!isFields(value)) return;
      note(itself, found);
      // At the first value only: input types may hold themselves.
      fields ??= new Map(
        Object.values(type.getFields()).map((field) => [
          field.name,
          { coordinate: `${type.name}.${field.name}`, foundIn: 0, read: this.#readerOf(field.type) },
        ]),
      );
      for (const name in value) {
        const field = fields.get(name);
        if (field === undefined) continue;
        note(field, found);
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
  const elements = new Map<string, Element>(
    type.getValues().map(({ name }) => [name, { coordinate: `${type.name}.${name}`, foundIn: 0 }]),
  );
  return (value, found) => {
    const element = typeof value === 'string' ? elements.get(value) : undefined;
    if (element !== undefined) note(element, found);
  };
}
