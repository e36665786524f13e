// Values for the arguments of a generated operation: literals, and variables with or without defaults and values.
import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type GraphQLArgument,
  type GraphQLInputType,
} from 'graphql';
import type { Draw } from './draw.ts';

const VARIABLES_MAX = 10;

/** Writes values and collects the variables that they use. */
export class OperationArguments {
  /** The values of the variables that are given. */
  readonly given: Record<string, unknown> = {};
  private readonly defined: string[] = [];
  private readonly draw: Draw;
  private readonly switches: string[] = [];

  constructor(draw: Draw) {
    this.draw = draw;
  }

  /** The definitions of all variables, in parentheses; empty where there are none. */
  definitions(): string {
    return this.defined.length > 0 ? `(${this.defined.join(', ')})` : '';
  }

  /** A literal or a variable for an argument. */
  write(argument: GraphQLArgument): string {
    const { draw } = this;
    if (!draw.chance(40) || this.defined.length >= VARIABLES_MAX) return this.literal(argument.type, 0);
    return this.variable(argument.type);
  }

  /** What a @skip or @include depends on. */
  condition(): string {
    const { draw } = this;
    if (draw.chance(15)) return draw.pick(['true', 'false']);
    if (this.switches.length > 0 && draw.chance(40)) return `$${draw.pick(this.switches)}`;
    if (this.defined.length >= VARIABLES_MAX) return 'true';
    const name = `v${this.defined.length}`;
    this.switches.push(name);
    const isDefaulted = draw.chance(30);
    this.defined.push(isDefaulted ? `$${name}: Boolean = ${draw.pick(['true', 'false'])}` : `$${name}: Boolean!`);
    if (!isDefaulted || draw.chance(50)) this.given[name] = draw.chance(50);
    return `$${name}`;
  }

  private variable(type: GraphQLInputType): string {
    const { draw } = this;
    const name = `v${this.defined.length}`;
    // The place is taken first: a default can not use variables.
    const isDefaulted = draw.chance(35);
    const inner = isNonNullType(type) && isDefaulted && draw.chance(50) ? type.ofType : type;
    const preset = isDefaulted ? ` = ${literalOf(this.json(inner, 0), inner)}` : '';
    this.defined.push(`$${name}: ${String(inner)}${preset}`);
    const mayBeAbsent = isDefaulted || !isNonNullType(inner);
    if (!mayBeAbsent || draw.chance(75)) {
      // An explicit null where the place wants a value would be refused.
      const value = this.json(inner, 0);
      if (value !== null || !isNonNullType(type)) this.given[name] = value;
    }
    return `$${name}`;
  }

  private literal(type: GraphQLInputType, depth: number): string {
    const { draw } = this;
    if (depth > 0 && isNonNullType(type) && draw.chance(10) && this.defined.length < VARIABLES_MAX) {
      return this.variable(type);
    }
    const named = isNonNullType(type) ? type.ofType : type;
    if (isInputObjectType(named)) {
      if (!isNonNullType(type) && draw.chance(6)) return 'null';
      const fields = Object.values(named.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth < 3 && draw.chance(50)),
      );
      return `{${fields.map((field) => `${field.name}: ${this.literal(field.type, depth + 1)}`).join(', ')}}`;
    }
    if (isListType(named) && draw.chance(60)) {
      const items = Array.from({ length: draw.below(3) }, () => this.literal(named.ofType, depth + 1));
      return `[${items.join(', ')}]`;
    }
    return literalOf(this.json(type, depth), type);
  }

  private json(type: GraphQLInputType, depth: number): unknown {
    const { draw } = this;
    if (isNonNullType(type)) return this.present(type.ofType, depth);
    return draw.chance(12) ? null : this.present(type, depth);
  }

  private present(type: GraphQLInputType, depth: number): unknown {
    const { draw } = this;
    if (isListType(type)) return Array.from({ length: draw.below(3) }, () => this.json(type.ofType, depth + 1));
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth < 3 && draw.chance(50)),
      );
      return Object.fromEntries(fields.map((field) => [field.name, this.json(field.type, depth + 1)]));
    }
    if (isEnumType(type)) return draw.pick(type.getValues()).name;
    if (isNonNullType(type)) return this.present(type.ofType, depth);
    if (type.name === 'Int') return draw.below(5);
    if (type.name === 'Float') return draw.pick([0, 1.5, -2, 1e3]);
    if (type.name === 'Boolean') return draw.chance(50);
    if (type.name === 'ID') return draw.pick(['1', 'a', 'ä']);
    if (type.name === 'String') return draw.pick(['', 'a', '"q"', '\\', 'two\nlines', '$v0', '😀']);
    return draw.pick([1, 'x', true, { deep: [1, null] }, []]);
  }
}

/** Takes a value and its type; gives it as it is written in a document. */
function literalOf(value: unknown, type: GraphQLInputType): string {
  if (value === null || value === undefined) return 'null';
  const named = isNonNullType(type) ? type.ofType : type;
  if (isListType(named) && Array.isArray(value)) {
    return `[${value.map((item) => literalOf(item, named.ofType)).join(', ')}]`;
  }
  if (isInputObjectType(named)) {
    const fields = named.getFields();
    const parts = Object.entries(value).map(([name, part]) => {
      const field = fields[name];
      return field === undefined ? '' : `${name}: ${literalOf(part, field.type)}`;
    });
    return `{${parts.join(', ')}}`;
  }
  if (isEnumType(named) && typeof value === 'string') return value;
  return freeLiteral(value);
}

function freeLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(freeLiteral).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, part]) => `${name}: ${freeLiteral(part)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}
