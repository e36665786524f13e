// First part of the index: what a supergraph declares. Each type and field with its own needs as written, and where in
// the text the auth directives stand, so that they can be cut out.
import { Kind } from 'graphql';
import type {
  ASTNode,
  ConstDirectiveNode,
  ConstValueNode,
  DefinitionNode,
  DocumentNode,
  FieldDefinitionNode,
  TypeNode,
} from 'graphql';
import type { AuthLinks } from './authLinks.ts';
import { allOf, alternativesOf, NO_NEEDS, type Alternatives, type Needs } from './needs.ts';

/** A field as the supergraph declares it. */
export interface DeclaredField {
  readonly needs: Needs;
  /** The type that it gives, without lists. */
  readonly type: string;
  readonly directives: readonly ConstDirectiveNode[];
}

/** A type as the supergraph declares it. */
export interface DeclaredType {
  readonly kind: 'object' | 'interface' | 'union' | 'leaf';
  needs: Needs;
  readonly fields: Map<string, DeclaredField>;
  readonly interfaces: Set<string>;
  readonly members: Set<string>;
  readonly directives: ConstDirectiveNode[];
}

/** What a supergraph declares. */
export interface Declarations {
  readonly types: ReadonlyMap<string, DeclaredType>;
  /** The root types' names by operation. */
  readonly roots: Readonly<Record<'query' | 'mutation' | 'subscription', string>>;
  /** Auth directives where they stand, and all that only they use. */
  readonly cuts: readonly ASTNode[];
}

const KINDS = {
  [Kind.OBJECT_TYPE_DEFINITION]: 'object',
  [Kind.OBJECT_TYPE_EXTENSION]: 'object',
  [Kind.INTERFACE_TYPE_DEFINITION]: 'interface',
  [Kind.INTERFACE_TYPE_EXTENSION]: 'interface',
  [Kind.UNION_TYPE_DEFINITION]: 'union',
  [Kind.UNION_TYPE_EXTENSION]: 'union',
  [Kind.SCALAR_TYPE_DEFINITION]: 'leaf',
  [Kind.SCALAR_TYPE_EXTENSION]: 'leaf',
  [Kind.ENUM_TYPE_DEFINITION]: 'leaf',
  [Kind.ENUM_TYPE_EXTENSION]: 'leaf',
} as const;

/** A definition of a type that answers can have. */
type ReadTypeNode = Extract<DefinitionNode, { kind: keyof typeof KINDS }>;

function isReadType(definition: DefinitionNode): definition is ReadTypeNode {
  return definition.kind in KINDS;
}

function listOf(value: ConstValueNode | undefined, what: string): Alternatives {
  // GraphQL takes a single value for a list of one.
  const items = (node: ConstValueNode): readonly ConstValueNode[] => (node.kind === Kind.LIST ? node.values : [node]);
  if (value === undefined) throw new Error(`${what} of the supergraph says nothing`);
  return items(value).map((inner) =>
    items(inner).map((item) => {
      if (item.kind !== Kind.STRING) throw new Error(`${what} of the supergraph holds something else than text`);
      return item.value;
    }),
  );
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

/** Reads the definitions of one supergraph. */
class DeclarationReader {
  readonly types = new Map<string, DeclaredType>();
  readonly roots = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' };
  readonly cuts: ASTNode[] = [];
  private readonly links: AuthLinks;

  constructor(links: AuthLinks) {
    this.links = links;
  }

  read(definition: DefinitionNode): void {
    if (this.isOfAuth(definition)) {
      this.cuts.push(definition);
      return;
    }
    if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION) {
      this.readSchema(definition);
      return;
    }
    if (isReadType(definition)) this.readType(definition);
    else this.refuseIn(definition);
  }

  private readType(definition: ReadTypeNode): void {
    const kind = KINDS[definition.kind];
    const type = this.typeOf(definition.name.value, kind);
    if (kind === 'union') this.refuseIn(definition);
    type.needs = allOf([type.needs, this.needsAt(definition.directives)]);
    type.directives.push(...(definition.directives ?? []));
    if ('types' in definition) for (const member of definition.types ?? []) type.members.add(member.name.value);
    if ('values' in definition) for (const value of definition.values ?? []) this.refuseIn(value);
    if (!('fields' in definition)) return;
    for (const each of definition.interfaces ?? []) type.interfaces.add(each.name.value);
    for (const field of definition.fields ?? []) type.fields.set(field.name.value, this.field(field));
  }

  private field(field: FieldDefinitionNode): DeclaredField {
    for (const argument of field.arguments ?? []) this.refuseIn(argument);
    return {
      needs: this.needsAt(field.directives),
      type: namedType(field.type),
      directives: field.directives ?? [],
    };
  }

  private typeOf(name: string, kind: DeclaredType['kind']): DeclaredType {
    const known = this.types.get(name);
    if (known !== undefined) return known;
    const type: DeclaredType = {
      kind,
      needs: NO_NEEDS,
      fields: new Map(),
      interfaces: new Set(),
      members: new Set(),
      directives: [],
    };
    this.types.set(name, type);
    return type;
  }

  private isOfAuth(definition: DefinitionNode): boolean {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) return this.links.directives.has(definition.name.value);
    return definition.kind === Kind.SCALAR_TYPE_DEFINITION && this.links.scalars.has(definition.name.value);
  }

  private readSchema(schema: DefinitionNode & { kind: Kind.SCHEMA_DEFINITION | Kind.SCHEMA_EXTENSION }): void {
    const cut = new Set(schema.directives?.filter((node) => this.links.bringers.has(node)));
    for (const { operation, type } of schema.operationTypes ?? []) this.roots[operation] = type.name.value;
    for (const node of schema.directives ?? []) {
      for (const argument of node.arguments ?? []) {
        const values = argument.value.kind === Kind.LIST ? argument.value.values : [argument.value];
        if (!cut.has(node)) this.cuts.push(...values.filter((value) => this.links.bringers.has(value)));
      }
    }
    const isEmptied = schema.kind === Kind.SCHEMA_EXTENSION && cut.size === schema.directives?.length;
    if (isEmptied && (schema.operationTypes ?? []).length === 0) this.cuts.push(schema);
    else this.cuts.push(...cut);
  }

  /** What the auth directives among these demand; they are cut out. */
  private needsAt(directives: readonly ConstDirectiveNode[] | undefined): Needs {
    const found: Needs[] = [];
    for (const node of directives ?? []) {
      const name = node.name.value;
      const directive = this.links.directives.get(name);
      if (this.links.isUnexplained(name)) throw new Error(`@${name} of the supergraph comes with no link`);
      if (name === 'join__directive') this.refuseJoined(node);
      if (directive === undefined) continue;
      this.cuts.push(node);
      if (directive === 'authenticated') found.push({ ...NO_NEEDS, authenticated: true });
      else {
        const which = directive === 'policy' ? 'policies' : 'scopes';
        const given = node.arguments?.find((argument) => argument.name.value === which)?.value;
        const alternatives = alternativesOf(listOf(given, `@${name}`));
        if (alternatives !== undefined) found.push({ ...NO_NEEDS, [which]: [alternatives] });
      }
    }
    return allOf(found);
  }

  /** Composers wrap what they do not know: an auth directive in that form would not be seen by anybody. */
  private refuseJoined(node: ConstDirectiveNode): void {
    const name = node.arguments?.find((argument) => argument.name.value === 'name')?.value;
    if (name?.kind !== Kind.STRING) return;
    const wrapped = name.value.replace(/^@/, '');
    if (!this.links.directives.has(wrapped) && !this.links.isUnexplained(wrapped)) return;
    throw new Error(`the supergraph wraps @${wrapped} in @join__directive`);
  }

  /** Auth directives may not stand here: stripped they would be lost, so the supergraph is not served. */
  private refuseIn(node: ASTNode): void {
    const directives = 'directives' in node ? (node.directives ?? []) : [];
    for (const { name } of directives) {
      if (!this.links.directives.has(name.value) && !this.links.isUnexplained(name.value)) continue;
      throw new Error(`@${name.value} of the supergraph stands where it can not be enforced (${node.kind})`);
    }
    if ('fields' in node) for (const field of node.fields ?? []) this.refuseIn(field);
    if ('values' in node && Array.isArray(node.values))
      for (const value of node.values) this.refuseIn(value as ASTNode);
    if ('arguments' in node) for (const argument of node.arguments ?? []) this.refuseIn(argument);
  }
}

/** Takes a supergraph and its auth links; gives what it declares. Throws for what could not be enforced. */
export function readDeclarations(document: DocumentNode, links: AuthLinks): Declarations {
  const reader = new DeclarationReader(links);
  for (const definition of document.definitions) reader.read(definition);
  return reader;
}
