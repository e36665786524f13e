// One response name may stand for several things at one place of an answer, as long as no object is of both types:
// `... on Book { by: author } ... on Film { by: director }`. The planner joins what it fetches by the names at a place
// alone, and would ask for one of them only; such fields get names of their own in the plan (renameAliases.ts).
import { Kind, print } from 'graphql';
import type { DocumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, ValueNode } from 'graphql';
import { fragmentsOf, type Fragments } from './specialize.ts';

/** For each response name that stands for several things at some place: what it stands for, from 0 on. */
export type Clashes = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** The fields of objects in one order: who writes them in another means the same. */
function writeValue(value: ValueNode): string {
  if (value.kind === Kind.LIST) return `[${value.values.map(writeValue).join(',')}]`;
  if (value.kind !== Kind.OBJECT) return print(value);
  const fields = value.fields.map((field) => `${field.name.value}:${writeValue(field.value)}`);
  return `{${fields.sort().join(',')}}`;
}

/** What a field means wherever it is asked: its name and its arguments, as GraphQL compares them (FieldsInSetCanMerge). */
export function meaningOf({ name, arguments: given }: FieldNode): string {
  if (given === undefined || given.length === 0) return name.value;
  const written = given.map((argument) => `${argument.name.value}:${writeValue(argument.value)}`);
  return `${name.value}(${written.sort().join(',')})`;
}

export function responseNameOf({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

class ClashFinder {
  readonly found = new Map<string, Map<string, number>>();
  private readonly fragments: Fragments;

  constructor(fragments: Fragments) {
    this.fragments = fragments;
  }

  /** Looks through what is asked at one place, whatever the type. */
  place(sets: readonly SelectionSetNode[]): void {
    const asked = new Map<string, FieldNode[]>();
    for (const set of sets) this.collect(set, asked);
    for (const [name, nodes] of asked) {
      const byMeaning = Map.groupBy(nodes, (node) => (nodes.length === 1 ? '' : meaningOf(node)));
      if (byMeaning.size > 1) this.note(name, byMeaning.keys());
      for (const alike of byMeaning.values()) {
        const inner = alike.flatMap(({ selectionSet }) => selectionSet ?? []);
        if (inner.length > 0) this.place(inner);
      }
    }
  }

  private collect(set: SelectionSetNode, into: Map<string, FieldNode[]>): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = responseNameOf(selection);
        const known = into.get(name);
        if (known === undefined) into.set(name, [selection]);
        else known.push(selection);
        continue;
      }
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value);
      if (inner !== undefined) this.collect(inner.selectionSet, into);
    }
  }

  private note(name: string, meanings: Iterable<string>): void {
    const known = this.found.get(name) ?? new Map<string, number>();
    for (const meaning of meanings) if (!known.has(meaning)) known.set(meaning, known.size);
    this.found.set(name, known);
  }
}

/** Takes a valid, measured operation and its document; gives the response names that stand for several things. */
export function findClashes(document: DocumentNode, operation: OperationDefinitionNode): Clashes {
  const finder = new ClashFinder(fragmentsOf(document));
  finder.place([operation.selectionSet]);
  return finder.found;
}
