// Random valid operations on a schema: aliases (also those that equal other fields' names), fragments of every kind,
// conditions, variables with and without defaults, __typename, introspection, several root fields, mutations.
import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  parse,
  print,
  validate,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';
import { addTwin, countAliases } from './addTwin.ts';
import type { ClientOperation } from './answerAlone.ts';
import { drawFrom, type Draw } from './draw.ts';
import { OperationArguments } from './operationArguments.ts';

const SELECTIONS_MAX = 70;
const ALIASES_MAX = 20;
const CONDITIONS_MAX = 15;
const TRIES_MAX = 60;
const TWIN_PERCENT = 25;
const BY_TYPE_PERCENT = 30;
/** A gateway refuses more than 30, and counts those of a fragment at each of its places, which are two at most. */
const TWIN_ALIASES_MAX = 15;

const INTROSPECTIONS = [
  '__schema { queryType { name } mutationType { name } }',
  '__schema { types { kind name fields { name type { kind name ofType { name } } } } }',
  'kind: __type(name: "Query") { ...on __Type { kind name fields(includeDeprecated: true) { name args { name } } } }',
  'none: __type(name: "NoSuchType") { name }',
  '__schema { directives { name locations } }',
];

/** Writes one operation; its text may turn out not to be valid, since fields can clash. */
class OperationWriter {
  readonly values: OperationArguments;
  private readonly fragments: string[] = [];
  private readonly schema: GraphQLSchema;
  private readonly draw: Draw;
  /** What stands under a response name at a place. */
  private readonly taken = new Map<string, string>();
  private readonly names: readonly string[];
  /** Whether one name may stand for two things at a place, of two types; what cannot be merged is drawn anew. */
  private readonly isByType: boolean;
  private left: number;
  private aliases = 0;
  private conditions = 0;

  constructor(schema: GraphQLSchema, draw: Draw) {
    this.schema = schema;
    this.draw = draw;
    this.values = new OperationArguments(draw);
    this.isByType = draw.chance(BY_TYPE_PERCENT);
    this.left = 4 + draw.below(draw.chance(20) ? SELECTIONS_MAX : 25);
    const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
    this.names = [...new Set(types.flatMap((type) => (isObjectType(type) ? Object.keys(type.getFields()) : [])))];
  }

  write(kind: 'query' | 'mutation', root: GraphQLCompositeType): string {
    const inner = this.selections(root, 0, '');
    const introspection = kind === 'query' && this.draw.chance(4) ? ` ${this.draw.pick(INTROSPECTIONS)}` : '';
    const name = this.draw.chance(50) ? ' Op' : '';
    const opening = `${kind}${name}${this.values.definitions()}`;
    return [`${opening} {${introspection} ${inner} }`, ...this.fragments].join('\n');
  }

  private selections(type: GraphQLCompositeType, depth: number, where: string): string {
    const { draw } = this;
    const place = this.isByType ? `${where}:${type.name}` : where;
    const parts: string[] = [];
    if (draw.chance(isObjectType(type) ? 12 : 45)) parts.push(this.typename(place));
    if (isObjectType(type) || isInterfaceType(type)) {
      const fields = Object.values(type.getFields());
      const count = depth === 0 ? 1 + draw.below(4) : 1 + draw.below(5);
      for (let written = 0; written < count; written++) parts.push(...this.field(draw.pick(fields), depth, place));
    }
    for (const condition of this.narrower(type)) {
      if (draw.chance(isObjectType(type) ? 10 : 50)) parts.push(this.fragment(condition, depth, where));
    }
    if (this.isByType && draw.chance(60)) parts.push(...this.mirrored(type, where));
    const written = parts.filter((part) => part !== '');
    return written.length > 0 ? written.join(' ') : this.typename(place, true);
  }

  /** A field that several types have by one name, and of each of them another one under one response name. */
  private mirrored(type: GraphQLCompositeType, where: string): string[] {
    if (isObjectType(type) || this.left <= 0) return [];
    const types = this.schema.getPossibleTypes(type);
    if (types.length === 0) return [];
    const outer = this.draw.pick(types.flatMap((each) => Object.keys(each.getFields())));
    let shown: GraphQLField<unknown, unknown> | undefined;
    return types.flatMap((each) => {
      const field = each.getFields()[outer];
      const inner = getNamedType(field?.type);
      if (!isObjectType(inner) || field?.args.some(isRequiredArgument) === true) return [];
      const like = Object.values(inner.getFields()).filter((leaf) =>
        shown === undefined ? !isCompositeType(getNamedType(leaf.type)) : String(leaf.type) === String(shown.type),
      );
      if (like.length === 0) return [];
      const drawn = this.draw.pick(like);
      const { name } = (shown ??= drawn);
      const called = this.called(drawn);
      const place = `${where}:${each.name}`;
      if (!this.take(place, outer, outer) || !this.take(`${place}.${outer}:${inner.name}`, name, called)) return [];
      this.left--;
      return `... on ${each.name} { ${outer} { ${name === drawn.name ? '' : `${name}: `}${called} } }`;
    });
  }

  /** A field with drawn arguments. */
  private called(field: GraphQLField<unknown, unknown>): string {
    const args = field.args.filter((argument) => isRequiredArgument(argument) || this.draw.chance(55));
    const given = args.map((argument) => `${argument.name}: ${this.values.write(argument)}`);
    return given.length > 0 ? `${field.name}(${given.join(', ')})` : field.name;
  }

  /** Types that a fragment inside this one may be on. */
  private narrower(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    if (isObjectType(type)) return [type, ...type.getInterfaces()];
    const possible = this.schema.getPossibleTypes(type);
    return [...new Set([type, ...possible, ...possible.flatMap((object) => object.getInterfaces())])];
  }

  private typename(place: string, plain = false): string {
    if (plain || this.aliases >= ALIASES_MAX || !this.draw.chance(15)) return '__typename';
    const alias = this.draw.pick(['t', 'kind', '_type']);
    return this.take(place, alias, '__typename') ? ((this.aliases += 1), `${alias}: __typename`) : '__typename';
  }

  private take(place: string, name: string, content: string): boolean {
    const key = `${place}.${name}`;
    const known = this.taken.get(key);
    if (known !== undefined) return known === content;
    this.taken.set(key, content);
    return true;
  }

  private field(field: GraphQLField<unknown, unknown>, depth: number, place: string): string[] {
    if (this.left <= 0) return [];
    const type = getNamedType(field.type);
    const isDeep = isCompositeType(type);
    if (isDeep && (depth >= 6 || (depth > 1 && this.left < 3))) return [];
    const called = this.called(field);
    const name = this.responseName(field, called, place);
    if (name === undefined) return [];
    this.left--;
    const inner = isDeep ? ` { ${this.selections(type, depth + 1, `${place}.${name}`)} }` : '';
    const alias = name === field.name ? '' : `${name}: `;
    return [`${alias}${called}${this.condition(6)}${inner}`];
  }

  private responseName(field: GraphQLField<unknown, unknown>, called: string, place: string): string | undefined {
    const wantsAlias = this.draw.chance(14);
    if (!wantsAlias && this.take(place, field.name, called)) return field.name;
    if (this.aliases >= ALIASES_MAX) return undefined;
    const alias = this.draw.chance(60) ? this.draw.pick(this.names) : `x${this.draw.below(4)}`;
    if (!this.take(place, alias, called)) return undefined;
    if (alias !== field.name) this.aliases++;
    return alias;
  }

  private condition(percent: number): string {
    if (this.conditions >= CONDITIONS_MAX || !this.draw.chance(percent)) return '';
    this.conditions++;
    const kind = this.draw.pick(['skip', 'include']);
    const both = this.draw.chance(8) ? ` @${kind === 'skip' ? 'include' : 'skip'}(if: ${this.values.condition()})` : '';
    return ` @${kind}(if: ${this.values.condition()})${both}`;
  }

  private fragment(type: GraphQLCompositeType, depth: number, place: string): string {
    if (this.left <= 0 || depth >= 6) return '';
    const inner = this.selections(type, depth + 1, place);
    if (this.draw.chance(30)) {
      const name = `F${this.fragments.length}`;
      this.fragments.push(`fragment ${name} on ${type.name} { ${inner} }`);
      return `...${name}${this.condition(15)}`;
    }
    return `... on ${type.name}${this.condition(15)} { ${inner} }`;
  }
}

/** A generated operation, with its text. */
export interface GeneratedOperation extends ClientOperation {
  readonly text: string;
}

/** Takes a schema and a seed; gives a valid operation on it, always the same. */
export function generateOperation(schema: GraphQLSchema, seed: number): GeneratedOperation {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const draw = drawFrom((seed + attempt * 7_919) >>> 0);
    const mutation = schema.getMutationType();
    const isMutation = mutation && draw.chance(15);
    const root = isMutation ? mutation : schema.getQueryType();
    if (!root) throw new Error('a schema without Query');
    const writer = new OperationWriter(schema, draw);
    const written = parse(writer.write(isMutation ? 'mutation' : 'query', root), { noLocation: true });
    if (validate(schema, written).length > 0) continue;
    const twin = draw.chance(TWIN_PERCENT) ? addTwin(written, draw) : written;
    const isFine = countAliases(twin) <= TWIN_ALIASES_MAX && validate(schema, twin).length === 0;
    const document = isFine ? twin : written;
    return { text: print(document), document, kind: isMutation ? 'Mutation' : 'Query', variables: writer.values.given };
  }
  throw new Error(`no valid operation came of seed ${seed}`);
}
