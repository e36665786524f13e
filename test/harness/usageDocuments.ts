// A schema with every kind of element that usage is counted for, random documents on it, and the same schema without any
// one of its elements: what a document breaks without, it uses.
import { buildASTSchema, Kind, parse, visit, type ASTNode, type DocumentNode, type GraphQLSchema } from 'graphql';
import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputType,
} from 'graphql';

/** The schema as text. */
export const USAGE_SDL = `
directive @track(as: Color, deep: Filter) on FIELD | INLINE_FRAGMENT
scalar Json
enum Color { RED GREEN BLUE }
input Filter { name: String color: Color colors: [Color!] not: Filter any: [Filter!] raw: Json }
interface Node { id: ID! label(color: Color): String }
interface Named implements Node { id: ID! label(color: Color): String name: String }
type Person implements Node & Named { id: ID! label(color: Color, extra: Int): String name: String friends(filter: Filter, first: Int): [Person!] }
type Firm implements Node { id: ID! label(color: Color): String boss: Person color: Color }
union Found = Person | Firm
type Query { node(id: ID): Node named: Named found(filter: Filter!, colors: [Color]): [Found!] people(by: Color, filters: [Filter]): [Person!] raw(json: Json): String }
type Mutation { paint(color: Color!, filter: Filter): Firm }
`;

const DOCUMENT = parse(USAGE_SDL);
const build = (document: DocumentNode): GraphQLSchema =>
  buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });

/** The schema. */
export const USAGE_SCHEMA = build(DOCUMENT);

function withoutNode(gone: ASTNode): GraphQLSchema {
  return build(visit(DOCUMENT, { enter: (node) => (node === gone ? null : undefined) }));
}

/** The schema without each of its fields, arguments, input fields, enum values and directives, by coordinate. */
export const REDUCED_SCHEMAS: ReadonlyMap<string, GraphQLSchema> = new Map(
  DOCUMENT.definitions.flatMap((definition): [string, GraphQLSchema][] => {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) {
      const name = `@${definition.name.value}`;
      const ofArguments = (definition.arguments ?? []).map((argument): [string, GraphQLSchema] => {
        return [`${name}(${argument.name.value}:)`, withoutNode(argument)];
      });
      return [[name, withoutNode(definition)], ...ofArguments];
    }
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION) {
      const { name, values = [] } = definition;
      return values.map((value) => [`${name.value}.${value.name.value}`, withoutNode(value)]);
    }
    if (!('fields' in definition)) return [];
    const type = 'name' in definition ? definition.name.value : undefined;
    return (definition.fields ?? []).flatMap((field): [string, GraphQLSchema][] => {
      const coordinate = `${String(type)}.${field.name.value}`;
      const parts = 'arguments' in field ? (field.arguments ?? []) : [];
      const ofArguments = parts.map((argument): [string, GraphQLSchema] => {
        return [`${coordinate}(${argument.name.value}:)`, withoutNode(argument)];
      });
      return [[coordinate, withoutNode(field)], ...ofArguments];
    });
  }),
);

/** Draws a value of an input type, as JSON and as it stands in a document. */
function drawValue(type: GraphQLInputType, depth: number, random: () => number): { json: unknown; text: string } {
  if (isNonNullType(type)) return drawValue(type.ofType, depth, random);
  if (isListType(type)) {
    // One value may stand for a list of one.
    if (random() < 0.2) return drawValue(type.ofType, depth, random);
    const values = Array.from({ length: Math.floor(random() * 3) }, () => drawValue(type.ofType, depth, random));
    return { json: values.map(({ json }) => json), text: `[${values.map(({ text }) => text).join(', ')}]` };
  }
  if (isEnumType(type)) {
    const values = type.getValues();
    const name = values[Math.floor(random() * values.length)]?.name ?? '';
    return { json: name, text: name };
  }
  if (isInputObjectType(type)) {
    const fields = depth > 3 ? [] : Object.values(type.getFields()).filter(() => random() < 0.4);
    const drawn = fields.map((field) => ({ name: field.name, ...drawValue(field.type, depth + 1, random) }));
    return {
      json: Object.fromEntries(drawn.map(({ name, json }) => [name, json])),
      text: `{${drawn.map(({ name, text }) => `${name}: ${text}`).join(', ')}}`,
    };
  }
  if (type.name === 'Int') return { json: 3, text: '3' };
  // What an object within a scalar of its own kind holds are values, whatever they are called.
  if (type.name === 'Json') return { json: { name: 'RED' }, text: '{name: RED}' };
  return { json: 'x', text: '"x"' };
}

/** A random document, and variables that fit it. */
export interface DrawnDocument {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Draws one document. */
class Drawing {
  readonly variables: Record<string, unknown> = {};
  readonly declared: string[] = [];
  readonly fragments: string[] = [];
  private readonly random: () => number;
  private aliases = 0;

  constructor(random: () => number) {
    this.random = random;
  }

  private argument({ name, type }: GraphQLArgument): string[] {
    if (!isNonNullType(type) && this.random() < 0.5) return [];
    const { json, text } = drawValue(type, 0, this.random);
    if (this.random() < 0.5) return [`${name}: ${text}`];
    const variable = `v${this.declared.length}`;
    const isGiven = isNonNullType(type) || this.random() < 0.8;
    if (isGiven) this.variables[variable] = json;
    this.declared.push(
      `$${variable}: ${String(type)}${!isNonNullType(type) && this.random() < 0.3 ? ` = ${text}` : ''}`,
    );
    return [`${name}: $${variable}`];
  }

  private arguments(all: readonly GraphQLArgument[]): string {
    const given = all.flatMap((argument) => this.argument(argument));
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  private directive(): string {
    if (this.random() < 0.85) return '';
    const directive = USAGE_SCHEMA.getDirective('track');
    return ` @track${this.arguments(directive?.args ?? [])} @include(if: true)`;
  }

  selection(type: GraphQLCompositeType, depth: number): string {
    const parts = ['__typename'];
    const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
    for (const field of fields) {
      const inner = getNamedType(field.type);
      if (this.random() < 0.5 || (isCompositeType(inner) && depth > 2)) continue;
      const below = isCompositeType(inner) ? ` ${this.selection(inner, depth + 1)}` : '';
      parts.push(`a${this.aliases++}: ${field.name}${this.arguments(field.args)}${this.directive()}${below}`);
    }
    for (const condition of this.conditionsOn(type)) {
      if (this.random() < 0.6 || depth > 2) continue;
      const below = this.selection(condition, depth + 1);
      if (this.random() < 0.5) parts.push(`... on ${condition.name}${this.directive()} ${below}`);
      else {
        parts.push(`...F${this.fragments.length}`);
        this.fragments.push(`fragment F${this.fragments.length} on ${condition.name} ${below}`);
      }
    }
    return `{ ${parts.join(' ')} }`;
  }

  private conditionsOn(type: GraphQLCompositeType): GraphQLCompositeType[] {
    if (isObjectType(type)) return [type];
    const possible = USAGE_SCHEMA.getPossibleTypes(type);
    const all = Object.values(USAGE_SCHEMA.getTypeMap()).filter((each) => isCompositeType(each));
    return all.filter((each) =>
      (isObjectType(each) ? [each] : USAGE_SCHEMA.getPossibleTypes(each)).some((one) => possible.includes(one)),
    );
  }
}

/** Takes a generator of numbers; gives a document, most of them valid. */
export function drawDocument(random: () => number): DrawnDocument {
  const drawing = new Drawing(random);
  const isMutation = random() < 0.2;
  const root = isMutation ? USAGE_SCHEMA.getMutationType() : USAGE_SCHEMA.getQueryType();
  const selection = root ? drawing.selection(root, 0) : '';
  const declared = drawing.declared.length === 0 ? '' : `(${drawing.declared.join(', ')})`;
  const head = `${isMutation ? 'mutation' : 'query'} Drawn${declared} ${selection}`;
  // A fragment is written when its selection is: the ones within come first, under the numbers that they took.
  return { text: [head, ...drawing.fragments].join('\n'), variables: drawing.variables };
}
