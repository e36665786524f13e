// A mapping as the configuration has it → what makes an input of a record. All of it is checked here, before anything
// runs: unknown fields, missing required ones, values of the wrong type. What only the data can tell is told per record.
import { describeUnknown } from '../config/nearestName.ts';
import type { ConfigFault, Path } from '../config/positionedYaml.ts';
import { fitValue, numberText, Unmappable } from './fitValue.ts';
import type { InputField, InputTypes, ValueType } from './inputTypes.ts';
import { readTransforms, type Kind, type Transform } from './transforms.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An entity that a record names by the id of another system. */
export interface Lookup {
  readonly source: string;
  readonly id: string;
}

/** Gives the graph's own id of a looked up entity; undefined where there is none. */
export type FindId = (lookup: Lookup) => string | undefined;

/** Makes a value of a record; undefined leaves the field out. Throws Unmappable. */
type MakeValue = (fields: Fields, find: FindId) => unknown;

/** A mapping, ready to run. */
export interface CompiledMapping {
  /** The columns that it reads, without the inner ones of nested records. */
  readonly columns: readonly string[];
  /** The customers that a record names, to be looked up before `toInput`. */
  lookupsOf(fields: Fields): Lookup[];
  /** Takes a record; gives the input of the mutation. Throws Unmappable with the field and the reason. */
  toInput(fields: Fields, find: FindId): Record<string, unknown>;
}

/** What a mapping is compiled against. */
export interface MappingContext {
  readonly types: InputTypes;
  /** Whether the source has texts alone. */
  readonly isText: boolean;
  readonly faults: ConfigFault[];
}

const LEAF_KEYS = ['column', 'constant', 'default', 'transforms'];
const LOOKUP_KEYS = ['lookup', 'source', 'column'];
const LIST_ITEMS_MAX = 200;
/** A longer one no subgraph takes, and it would refuse the ids of all other records with it. */
const LOOKED_UP_LENGTH_MAX = 200;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes a record and a column, or a way into a nested record with points between; gives the value. */
export function valueAt(fields: Fields, column: string): unknown {
  if (Object.hasOwn(fields, column)) return fields[column];
  let at: unknown = fields;
  for (const step of column.split('.')) {
    if (!isRecord(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}

/** Says the field's name before the reason of an inner one. */
function within<R>(name: string, make: () => R): R {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Unmappable)) throw error;
    throw new Unmappable(`${name} ${error.message}`, { cause: error });
  }
}

const WANTED: Readonly<Record<string, Kind>> = {
  ...{ Int: 'number', SafeInt: 'number', Float: 'number', Boolean: 'boolean', DateTime: 'moment' },
};
const GIVING: Readonly<Partial<Record<Kind, string>>> = {
  number: 'number or minorUnits',
  boolean: 'boolean',
  moment: 'date',
};

/** Compiles the mapping of one source. */
class Compiler {
  readonly columns = new Set<string>();
  readonly lookups: { column: string; source: string; within: string | undefined }[] = [];
  readonly #context: MappingContext;

  constructor(context: MappingContext) {
    this.#context = context;
  }

  object(given: unknown, typeName: string, path: Path, each: string | undefined): MakeValue {
    const known = this.#context.types.get(typeName) ?? new Map<string, InputField>();
    if (!isRecord(given)) return this.#fault(path, `expected the fields of ${typeName}: field → column`);
    const makers: [string, boolean, MakeValue][] = [];
    for (const [name, spec] of Object.entries(given)) {
      const field = known.get(name);
      if (field === undefined)
        this.#fault([...path, name], describeUnknown(name, `field of ${typeName}`, [...known.keys()]));
      else makers.push([name, field.isRequired, this.#field(spec, field, [...path, name], each)]);
    }
    for (const field of known.values()) {
      if (field.isRequired && !(field.name in given)) {
        this.#fault(path, `the required field ${field.name} of ${typeName} is missing: name the column it comes from`);
      }
    }
    return (fields, find) => {
      const input: Record<string, unknown> = {};
      for (const [name, isRequired, make] of makers) {
        const value = within(name, () => make(fields, find));
        if (isRequired && (value === undefined || value === null)) throw new Unmappable(`${name} is missing`);
        if (value !== undefined) input[name] = value;
      }
      return input;
    };
  }

  #fault(path: Path, message: string): MakeValue {
    this.#context.faults.push({ path, message });
    return () => undefined;
  }

  #field(spec: unknown, field: InputField, path: Path, each: string | undefined): MakeValue {
    if (!field.isList) return this.#value(spec, field.type, path, each);
    if (isRecord(spec) && 'each' in spec) return this.#each(spec, field.type, path);
    if (!Array.isArray(spec)) {
      return this.#fault(path, `${field.name} is a list: expected { each: column, fields: … } or a list of values`);
    }
    const makers = spec.map((one, at) => this.#value(one, field.type, [...path, at], each));
    // An object whose column is empty is not there at all, as a custom field without a value.
    return (fields, find) => makers.map((make) => make(fields, find)).filter((value) => value != null);
  }

  #each(spec: Record<string, unknown>, type: ValueType, path: Path): MakeValue {
    const { each: column, fields: inner, ...others } = spec;
    for (const name of Object.keys(others)) {
      this.#fault([...path, name], describeUnknown(name, 'key of a list', ['each', 'fields']));
    }
    if (typeof column !== 'string') return this.#fault([...path, 'each'], 'expected the name of a column with a list');
    if (this.#context.isText) return this.#fault([...path, 'each'], 'this kind of source has no lists in its columns');
    if (type.kind !== 'object') return this.#fault(path, 'each is for lists of objects');
    this.columns.add(column);
    const make = this.object(inner, type.name, [...path, 'fields'], column);
    return (fields, find) => {
      const list = valueAt(fields, column);
      if (list === undefined) return undefined;
      if (!Array.isArray(list)) throw new Unmappable('expects a list');
      if (list.length > LIST_ITEMS_MAX) throw new Unmappable(`has more than ${LIST_ITEMS_MAX} items`);
      return list.map((item: unknown) => make(isRecord(item) ? item : {}, find));
    };
  }

  #value(spec: unknown, type: ValueType, path: Path, each: string | undefined): MakeValue {
    if (typeof spec === 'string') return this.#leaf({ column: spec }, type, path, each);
    if (!isRecord(spec))
      return this.#fault(path, 'expected the name of a column, or { column | constant | fields | lookup }');
    if ('lookup' in spec) return this.#lookup(spec, type, path, each);
    if (type.kind !== 'object') return this.#leaf(spec, type, path, each);
    for (const name of Object.keys(spec)) {
      if (name !== 'fields')
        this.#fault([...path, name], `expected { fields: … }: this field is an object (${type.name})`);
    }
    const make = this.object(spec['fields'], type.name, [...path, 'fields'], each);
    const own = this.#leafColumns(spec['fields']);
    return (fields, find) => {
      const isEmpty = own.length > 0 && own.every((column) => isNothing(valueAt(fields, column)));
      return isEmpty ? null : make(fields, find);
    };
  }

  /** The columns that an object is made of: where all of them are empty there is no object. */
  #leafColumns(fields: unknown): string[] {
    if (!isRecord(fields)) return [];
    return Object.values(fields).flatMap((spec) => {
      if (typeof spec === 'string') return [spec];
      return isRecord(spec) && typeof spec['column'] === 'string' ? [spec['column']] : [];
    });
  }

  #lookup(spec: Record<string, unknown>, type: ValueType, path: Path, each: string | undefined): MakeValue {
    for (const name of Object.keys(spec)) {
      if (!LOOKUP_KEYS.includes(name))
        this.#fault([...path, name], describeUnknown(name, 'key of a lookup', LOOKUP_KEYS));
    }
    const { lookup, source, column } = spec;
    if (lookup !== 'customers') return this.#fault([...path, 'lookup'], 'expected customers: others have no lookup');
    if (typeof source !== 'string') return this.#fault([...path, 'source'], 'expected the source that knows the id');
    if (typeof column !== 'string') return this.#fault([...path, 'column'], 'expected the column that has the id');
    if (type.kind !== 'scalar' || type.name !== 'ID')
      return this.#fault(path, 'a lookup gives an id, this is no field for one');
    if (each === undefined) this.columns.add(column);
    this.lookups.push({ column, source, within: each });
    return (fields, find) => {
      const id = lookedUp(fields, column);
      if (id === undefined) return null;
      const found = find({ source, id });
      if (found === undefined) throw new Unmappable('names a customer that is not known under this source');
      return found;
    };
  }

  #leaf(spec: Record<string, unknown>, type: ValueType, path: Path, each: string | undefined): MakeValue {
    if (type.kind === 'object')
      return this.#fault(path, `expected { fields: … }: this field is an object (${type.name})`);
    for (const name of Object.keys(spec)) {
      if (!LEAF_KEYS.includes(name)) this.#fault([...path, name], describeUnknown(name, 'key of a field', LEAF_KEYS));
    }
    const { column, constant, default: otherwise, transforms: given } = spec;
    if ((column === undefined) === (constant === undefined))
      return this.#fault(path, 'expected either column or constant');
    if (constant !== undefined) return this.#constant(constant, type, [...path, 'constant']);
    if (typeof column !== 'string') return this.#fault([...path, 'column'], 'expected the name of a column');
    const replace = otherwise === undefined ? undefined : this.#constant(otherwise, type, [...path, 'default']);
    if (each === undefined) this.columns.add(column);
    const transforms = readTransforms(given, [...path, 'transforms'], this.#context.faults);
    this.#checkKind(transforms, type, path, each);
    return (fields, find) => {
      let value = valueAt(fields, column);
      for (const transform of transforms) if (!isNothing(value)) value = transform.apply(value);
      if (isNothing(value))
        return replace === undefined ? (value === undefined ? undefined : null) : replace(fields, find);
      return fitValue(value, type);
    };
  }

  #constant(value: unknown, type: ValueType, path: Path): MakeValue {
    if (value === null) return () => null;
    try {
      const fitted = fitValue(value, type);
      return () => fitted;
    } catch (error) {
      if (!(error instanceof Unmappable)) throw error;
      return this.#fault(path, error.message);
    }
  }

  #checkKind(transforms: readonly Transform[], type: ValueType, path: Path, each: string | undefined): void {
    const last = transforms.at(-1);
    const gives = last?.gives ?? (this.#context.isText && each === undefined ? 'text' : 'unknown');
    for (const value of last?.values ?? []) if (value !== null) this.#constant(value, type, [...path, 'transforms']);
    const wanted = type.kind === 'enum' ? 'enum' : (WANTED[type.name] ?? 'text');
    const isFitting = gives === 'unknown' || gives === wanted || (wanted === 'text' && gives !== 'boolean');
    if (isFitting || wanted === 'enum') return;
    const how = GIVING[wanted];
    this.#fault(
      path,
      `expected a ${wanted} (${type.name}), got a ${gives}${how === undefined ? '' : `: add the transform ${how}`}`,
    );
  }
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function lookedUp(fields: Fields, column: string): string | undefined {
  const id = valueAt(fields, column);
  const text = typeof id === 'number' || typeof id === 'bigint' ? numberText(id) : id;
  if (typeof text !== 'string' || text === '') return undefined;
  if (text.length > LOOKED_UP_LENGTH_MAX) throw new Unmappable('is too long for an id that anybody has');
  return text;
}

/** The same where one record is among many: what is wrong with it is told when it is mapped. */
function idsOf(fields: Fields, column: string): string[] {
  try {
    return [lookedUp(fields, column)].filter((id) => id !== undefined);
  } catch {
    return [];
  }
}

/** Takes a mapping as the configuration has it, the input type and the path to it; adds what is wrong to the faults. */
export function compileMapping(given: unknown, typeName: string, path: Path, context: MappingContext): CompiledMapping {
  const compiler = new Compiler(context);
  const make = compiler.object(given, typeName, path, undefined);
  return {
    columns: [...compiler.columns],
    lookupsOf(fields) {
      return compiler.lookups.flatMap(({ column, source, within: list }) => {
        const inner: unknown = list === undefined ? [fields] : valueAt(fields, list);
        const items: unknown[] = Array.isArray(inner) ? inner : [];
        return items.flatMap((item) => idsOf(isRecord(item) ? item : {}, column)).map((id) => ({ source, id }));
      });
    },
    toInput: (fields, find) => make(fields, find) as Record<string, unknown>,
  };
}
