// Second part of the index: what it takes to see a field, all of it added up: the type that it stands on, the field, the
// type that it gives, what an interface stands for, and all that the field is computed from, however far.
import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode, SelectionSetNode } from 'graphql';
import { allOf, NO_NEEDS, policiesIn, textOf, type Needs } from './needs.ts';
import type { Declarations, DeclaredField, DeclaredType } from './readNeeds.ts';

/** What it takes to see what a supergraph has. */
export interface ScopeIndex {
  /** What a field takes, on the type that it is asked of; `__typename` takes what the type takes, a union's all members'. */
  needsOf(type: string, field: string): Needs;
  /** The type that a field gives, without lists; undefined for a leaf or a field that there is not. */
  typeOf(type: string, field: string): string | undefined;
  readonly roots: Declarations['roots'];
  /** Coordinates that take anything, for reports and tests. */
  protectedCoordinates(): readonly string[];
  /** The policies that the supergraph names. */
  readonly policies: ReadonlySet<string>;
}

const NOTHING: readonly string[] = [];

function textIn(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

function parseSelection(text: string): SelectionSetNode {
  const trimmed = text.trim();
  const [definition] = parse(trimmed.startsWith('{') ? trimmed : `{${trimmed}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('a field set of the supergraph is no selection');
  return definition.selectionSet;
}

/** The contexts that a field takes arguments from, and what it takes of each. */
function contextsIn(directive: ConstDirectiveNode): { context: string; selection: string }[] {
  const list = directive.arguments?.find((argument) => argument.name.value === 'contextArguments')?.value;
  const values = list?.kind === Kind.LIST ? list.values : [];
  return values.flatMap((value) => {
    if (value.kind !== Kind.OBJECT) return [];
    const part = (wanted: string): string => {
      const found = value.fields.find(({ name }) => name.value === wanted)?.value;
      return found?.kind === Kind.STRING ? found.value : '';
    };
    return [{ context: part('context'), selection: part('selection') }];
  });
}

/** Builds and answers the index of one supergraph. */
class Index implements ScopeIndex {
  readonly roots: Declarations['roots'];
  readonly policies = new Set<string>();
  private readonly types: ReadonlyMap<string, DeclaredType>;
  private readonly contextNames: ReadonlySet<string>;
  private readonly objectsOf = new Map<string, Set<string>>();
  private readonly typesOfContext = new Map<string, string[]>();
  private readonly known = new Map<string, Needs>();
  /** What a field is computed from, one step, by coordinate. */
  private readonly sources = new Map<string, readonly string[]>();

  constructor({ types, roots }: Declarations, contextNames: ReadonlySet<string>) {
    this.types = types;
    this.roots = roots;
    this.contextNames = contextNames;
    for (const [name, type] of types) this.note(name, type);
    for (const [name, type] of types) if (type.kind === 'interface') this.checkInterface(name, type);
  }

  needsOf(type: string, field: string): Needs {
    const coordinate = `${type}.${field}`;
    const known = this.known.get(coordinate);
    if (known !== undefined) return known;
    const needs = allOf([...this.reachedFrom(coordinate)].map((each) => this.ownNeeds(each)));
    // Only what the supergraph has is kept.
    if (this.fieldAt(coordinate) !== undefined || field === '__typename') this.known.set(coordinate, needs);
    return needs;
  }

  typeOf(type: string, field: string): string | undefined {
    const given = this.types.get(type)?.fields.get(field)?.type;
    return given !== undefined && this.types.get(given)?.kind !== 'leaf' && this.types.has(given) ? given : undefined;
  }

  protectedCoordinates(): readonly string[] {
    return [...this.types].flatMap(([name, { fields }]) =>
      [...fields.keys()].filter((field) => this.needsOf(name, field) !== NO_NEEDS).map((field) => `${name}.${field}`),
    );
  }

  private note(name: string, type: DeclaredType): void {
    for (const needs of [type.needs, ...[...type.fields.values()].map((field) => field.needs)]) {
      for (const policy of policiesIn(needs)) this.policies.add(policy);
    }
    if (type.kind === 'object') {
      for (const each of type.interfaces) this.objectsOf.set(each, (this.objectsOf.get(each) ?? new Set()).add(name));
    }
    for (const directive of type.directives) {
      const context = this.contextNames.has(directive.name.value) ? textIn(directive, 'name') : undefined;
      if (context !== undefined) {
        this.typesOfContext.set(context, [...(this.typesOfContext.get(context) ?? []), name]);
      }
    }
  }

  /** An interface has the needs of all its implementations together; a supergraph that says otherwise is not served. */
  private checkInterface(name: string, type: DeclaredType): void {
    const objects = [...(this.objectsOf.get(name) ?? [])].flatMap((object) => this.types.get(object) ?? []);
    this.checkSum(name, type.needs, objects);
    for (const [field, { needs }] of type.fields) {
      const fields = objects.flatMap((object) => object.fields.get(field) ?? []);
      this.checkSum(`${name}.${field}`, needs, fields);
    }
  }

  private checkSum(coordinate: string, declared: Needs, parts: readonly { readonly needs: Needs }[]): void {
    const sum = allOf(parts.map(({ needs }) => needs));
    if (sum === declared || textOf(sum) === textOf(declared)) return;
    throw new Error(`the supergraph gives ${coordinate} other needs than its implementations have together`);
  }

  private fieldAt(coordinate: string): DeclaredField | undefined {
    const [type = '', field = ''] = coordinate.split('.');
    return this.types.get(type)?.fields.get(field);
  }

  /** What a coordinate takes by itself: the type that it stands on, the field, and the type that it gives. */
  private ownNeeds(coordinate: string): Needs {
    const [name = '', field] = coordinate.split('.');
    const type = this.types.get(name);
    if (type === undefined) return NO_NEEDS;
    const ofType = type.kind === 'union' ? this.membersNeeds(type) : type.needs;
    const declared = field === undefined ? undefined : type.fields.get(field);
    if (declared === undefined) return ofType;
    const given = this.types.get(declared.type);
    return allOf([ofType, declared.needs, given?.needs ?? NO_NEEDS]);
  }

  private membersNeeds({ members }: DeclaredType): Needs {
    return allOf([...members].map((member) => this.types.get(member)?.needs ?? NO_NEEDS));
  }

  /** A coordinate, and all that its value is computed from. */
  private reachedFrom(coordinate: string): ReadonlySet<string> {
    const reached = new Set([coordinate]);
    // A set that grows while it is walked is walked to its new end.
    for (const each of reached) for (const source of this.sourcesOf(each)) reached.add(source);
    return reached;
  }

  private sourcesOf(coordinate: string): readonly string[] {
    const known = this.sources.get(coordinate);
    if (known !== undefined) return known;
    const [type = '', field = ''] = coordinate.split('.');
    if (this.fieldAt(coordinate) === undefined) return NOTHING;
    // A field of an interface is one of its implementations', and one of theirs can be given by an interface object.
    const related = [...(this.objectsOf.get(type) ?? []), ...(this.types.get(type)?.interfaces ?? [])];
    const sources = [type, ...related].flatMap((each) => this.declaredSources(each, field));
    this.sources.set(coordinate, sources);
    return sources;
  }

  private declaredSources(type: string, field: string): string[] {
    const found: string[] = [];
    for (const directive of this.types.get(type)?.fields.get(field)?.directives ?? []) {
      if (directive.name.value !== 'join__field') continue;
      const requires = textIn(directive, 'requires');
      if (requires !== undefined) this.collect(type, parseSelection(requires), found);
      for (const { context, selection } of contextsIn(directive)) {
        const types = this.typesOfContext.get(context);
        if (types === undefined) throw new Error(`${type}.${field} takes from a context that no type opens`);
        for (const each of types) {
          found.push(each);
          this.collect(each, parseSelection(selection), found);
        }
      }
    }
    return found;
  }

  private collect(type: string, set: SelectionSetNode, into: string[]): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const { name, selectionSet } = selection;
        const given = this.typeOf(type, name.value);
        into.push(`${type}.${name.value}`);
        if (selectionSet !== undefined && given !== undefined) this.collect(given, selectionSet, into);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.collect(selection.typeCondition?.name.value ?? type, selection.selectionSet, into);
      }
    }
  }
}

/** Takes what a supergraph declares and the names of its context directive; gives the index. Throws on a difference. */
export function openScopeIndex(declarations: Declarations, contextNames: ReadonlySet<string>): ScopeIndex {
  return new Index(declarations, contextNames);
}
