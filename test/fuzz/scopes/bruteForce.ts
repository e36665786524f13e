// The slow decision: for every field of an operation, where it stands, all that the texts of the subgraphs say about it is
// asked of one caller again. Knows nothing of supergraphs, indexes or lists of alternatives that are added up.
import {
  Kind,
  OperationTypeNode,
  parse,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** One caller. */
export interface Asker {
  readonly signedIn: boolean;
  readonly scopes: ReadonlySet<string>;
  readonly policies: ReadonlySet<string>;
}

type Composite = Extract<DefinitionNode, { kind: Kind.OBJECT_TYPE_DEFINITION | Kind.INTERFACE_TYPE_DEFINITION }>;

interface Text {
  readonly document: DocumentNode;
  /** What a directive is in the specification, by the name that this text has for it. */
  readonly meaning: (name: string) => string;
}

function meaningIn(document: DocumentNode): (name: string) => string {
  const names = new Map<string, string>();
  let prefix = 'federation';
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const given of node.directives?.flatMap((link) => link.arguments ?? []) ?? []) {
      if (given.name.value === 'as' && given.value.kind === Kind.STRING) prefix = given.value.value;
      if (given.name.value !== 'import' || given.value.kind !== Kind.LIST) continue;
      for (const item of given.value.values) {
        if (item.kind === Kind.STRING) names.set(item.value, item.value);
        if (item.kind !== Kind.OBJECT) continue;
        const [name, as] = item.fields.map(({ value }) => (value.kind === Kind.STRING ? value.value : ''));
        names.set(as ?? '', name ?? '');
      }
    }
  }
  return (name) =>
    names.get(`@${name}`)?.slice(1) ?? (name.startsWith(`${prefix}__`) ? name.slice(prefix.length + 2) : '');
}

function listsOf(directive: ConstDirectiveNode): string[][] {
  const value = directive.arguments?.[0]?.value;
  if (value?.kind !== Kind.LIST) throw new Error('a directive without lists');
  return value.values.map((inner) =>
    inner.kind === Kind.LIST ? inner.values.map((item) => (item.kind === Kind.STRING ? item.value : '')) : [],
  );
}

function named(type: FieldDefinitionNode['type']): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : named(type.type);
}

function isOff(directives: readonly DirectiveNode[] | undefined): boolean {
  return (directives ?? []).some((node) => {
    const value = node.arguments?.[0]?.value;
    return value?.kind === Kind.BOOLEAN && value.value === (node.name.value === 'skip');
  });
}

/** All that the subgraphs' texts say, asked for one caller. */
class Judge {
  private readonly texts: readonly Text[];
  private readonly asker: Asker;

  constructor(texts: readonly Text[], asker: Asker) {
    this.texts = texts;
    this.asker = asker;
  }

  /** Whether the caller may have a field of a type that an operation names. */
  may(type: string, field: string): boolean {
    if (field === '__schema' || field === '__type') return true;
    const members = this.membersOf(type);
    if (members.length > 0) return members.every((member) => this.mayType(member));
    if (!this.mayType(type)) return false;
    if (field === '__typename') return true;
    const declared = this.fieldsOf(type, field);
    if (!declared.every(([text, node]) => this.mayAll(text, node.directives))) return false;
    if (!this.mayType(this.typeOf(type, field) ?? '')) return false;
    return declared.every(([text, node, owner]) => this.mayRequired(text, node, owner));
  }

  /** What a field gives, by what the type itself or an interface of it says. */
  typeOf(type: string, field: string): string | undefined {
    const own = this.composites(type).flatMap(
      ([, node]) => node.fields?.find(({ name }) => name.value === field) ?? [],
    );
    const inherited = this.interfacesOf(type).flatMap((each) => this.composites(each));
    const others = inherited.flatMap(([, node]) => node.fields?.find(({ name }) => name.value === field) ?? []);
    const [first] = [...own, ...others];
    return first && named(first.type);
  }

  private mayAll(text: Text, directives: readonly ConstDirectiveNode[] | undefined): boolean {
    return (directives ?? []).every((directive) => {
      const meaning = text.meaning(directive.name.value);
      if (meaning === 'authenticated') return this.asker.signedIn;
      if (meaning !== 'requiresScopes' && meaning !== 'policy') return true;
      const held = meaning === 'policy' ? this.asker.policies : this.asker.scopes;
      const lists = listsOf(directive);
      return lists.length === 0 || lists.some((list) => list.every((name) => held.has(name)));
    });
  }

  /** Whether the caller may have a type: an interface's is that of everything that implements it. */
  private mayType(type: string): boolean {
    return [type, ...this.objectsOf(type)].every((name) =>
      this.texts.every((text) =>
        text.document.definitions.every((node) => {
          const isIt =
            'interfaces' in node || 'types' in node || 'values' in node || node.kind === Kind.SCALAR_TYPE_DEFINITION;
          return !isIt || node.name.value !== name || this.mayAll(text, node.directives);
        }),
      ),
    );
  }

  private composites(type: string): (readonly [Text, Composite])[] {
    return this.texts.flatMap((text) =>
      text.document.definitions.flatMap((node) => {
        const isComposite = node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;
        return isComposite && node.name.value === type ? [[text, node] as const] : [];
      }),
    );
  }

  private allComposites(): Composite[] {
    const nodes = this.texts.flatMap(({ document }) => document.definitions);
    return nodes.flatMap((node) =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION ? [node] : [],
    );
  }

  /** The types that implement an interface, in any subgraph. */
  objectsOf(type: string): string[] {
    const found = this.allComposites().filter((node) => node.interfaces?.some(({ name }) => name.value === type));
    const objects = found.filter(({ kind }) => kind === Kind.OBJECT_TYPE_DEFINITION);
    return objects.map(({ name }) => name.value);
  }

  private interfacesOf(type: string): string[] {
    return this.composites(type).flatMap(([, node]) => node.interfaces?.map(({ name }) => name.value) ?? []);
  }

  private membersOf(type: string): string[] {
    const nodes = this.texts.flatMap(({ document }) => document.definitions);
    return nodes.flatMap((node) =>
      node.kind === Kind.UNION_TYPE_DEFINITION && node.name.value === type
        ? (node.types ?? []).map(({ name }) => name.value)
        : [],
    );
  }

  /** Every declaration that a field of a type, of its implementations, or of an interface object of theirs has. */
  private fieldsOf(type: string, field: string): (readonly [Text, FieldDefinitionNode, string])[] {
    const objects = [type, ...this.objectsOf(type)];
    const above = objects.flatMap((object) => this.interfacesOf(object));
    return [...new Set([...objects, ...above])].flatMap((owner) =>
      this.composites(owner).flatMap(([text, node]) => {
        const isObject = node.directives?.some(({ name }) => text.meaning(name.value) === 'interfaceObject') ?? false;
        if (!objects.includes(owner) && !isObject) return [];
        const found = node.fields?.find(({ name }) => name.value === field);
        return found === undefined ? [] : [[text, found, owner] as const];
      }),
    );
  }

  private mayRequired(text: Text, node: FieldDefinitionNode, owner: string): boolean {
    const directive = node.directives?.find(({ name }) => text.meaning(name.value) === 'requires');
    const fields = directive?.arguments?.[0]?.value;
    if (fields?.kind !== Kind.STRING) return true;
    const [operation] = parse(`{ ${fields.value} }`).definitions;
    return operation?.kind === Kind.OPERATION_DEFINITION && this.maySelection(operation.selectionSet, owner);
  }

  private maySelection(set: SelectionSetNode, type: string): boolean {
    return set.selections.every((node) => {
      if (node.kind !== Kind.FIELD) return false;
      if (!this.may(type, node.name.value)) return false;
      return !node.selectionSet || this.maySelection(node.selectionSet, this.typeOf(type, node.name.value) ?? '');
    });
  }
}

/** A place in an answer, and whether the caller may have what stands there. */
export interface JudgedPlace {
  readonly path: string;
  readonly may: boolean;
}

/** Says whether a caller may have a field of a type, by what the subgraphs' texts say. */
export type May = (type: string, field: string) => boolean;

function openJudge(subgraphs: Readonly<Record<string, string>>, asker: Asker): Judge {
  const texts = Object.values(subgraphs).map((sdl) => {
    const parsed = parse(sdl, { noLocation: true });
    return { document: parsed, meaning: meaningIn(parsed) };
  });
  return new Judge(texts, asker);
}

/**
 * Takes the texts of subgraphs and a caller; judges a field that a subgraph is asked for. Of an interface it is enough
 * that one type behind it is open: which types were meant, a subgraph that knows the interface alone is not told.
 */
export function mayFetchByText(subgraphs: Readonly<Record<string, string>>, asker: Asker): May {
  const judge = openJudge(subgraphs, asker);
  return (type, field) => {
    const objects = judge.objectsOf(type);
    return objects.length === 0 ? judge.may(type, field) : objects.some((each) => judge.may(each, field));
  };
}

/** Takes the texts of subgraphs, a document with one operation and a caller; judges every place that could be answered. */
export function judgeByText(
  subgraphs: Readonly<Record<string, string>>,
  document: DocumentNode,
  asker: Asker,
): JudgedPlace[] {
  const judge = openJudge(subgraphs, asker);
  const judged: JudgedPlace[] = [];
  const remembered = new Map<string, boolean>();
  const may = (type: string, field: string): boolean => {
    const known = remembered.get(`${type}.${field}`) ?? judge.may(type, field);
    remembered.set(`${type}.${field}`, known);
    return known;
  };
  const walk = (set: SelectionSetNode, type: string, path: string): void => {
    for (const node of set.selections) {
      if (isOff(node.directives)) continue;
      if (node.kind === Kind.FIELD) {
        const place = `${path}/${(node.alias ?? node.name).value}`;
        judged.push({ path: place, may: may(type, node.name.value) });
        const inner = judge.typeOf(type, node.name.value);
        if (node.selectionSet && inner !== undefined) walk(node.selectionSet, inner, place);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        walk(node.selectionSet, node.typeCondition?.name.value ?? type, path);
      } else {
        const fragment = document.definitions.find(
          (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === node.name.value,
        );
        if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) throw new Error('a spread of no fragment');
        walk(fragment.selectionSet, fragment.typeCondition.name.value, path);
      }
    }
  };
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    walk(node.selectionSet, node.operation === OperationTypeNode.MUTATION ? 'Mutation' : 'Query', '');
  }
  return judged;
}
