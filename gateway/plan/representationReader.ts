// Reads out of an entity what a subgraph needs to know it again: compiled once per fetch and type, written as JSON text
// at once, which is both what is sent and what tells equal entities. A field that failed is never passed on as null.
import type { FailureCheck, Fields, RepresentationReader, UnreadableEntity } from '../compiledOperation.ts';
import { isFields } from '../compiledOperation.ts';
import type { FetchDataRewrite, QueryPlanSelectionNode } from './planner.ts';
import { rememberByType } from './rememberByType.ts';

/** What a reader is made from. */
export interface ReaderSource {
  readonly requires: readonly QueryPlanSelectionNode[];
  readonly rewrites: readonly FetchDataRewrite[];
  /** Says whether an object of the first type fulfils a condition on the second. */
  readonly isOfType: (typename: string, condition: string) => boolean;
  /** The name that the subgraph knows a key of the tree by. */
  readonly realNameOf: (key: string) => string;
}

interface ReadField {
  readonly source: string;
  /** `"name":` as it stands in the text. */
  readonly label: string;
  readonly inner: SelectionReader | undefined;
  /** What is written whatever the tree says. */
  readonly constant: string | undefined;
}

/** Marks a value that cannot be read. */
const LACKING = Symbol('lacking');

function hasFailedItem(value: unknown, isFailed: FailureCheck): boolean {
  if (!Array.isArray(value)) return false;
  return value.some((item, index) => isFailed(value, index) || hasFailedItem(item, isFailed));
}

function leafText(value: unknown, isFailed: FailureCheck | undefined): string | typeof LACKING {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : LACKING;
  if (typeof value === 'boolean') return String(value);
  if (isFailed !== undefined && hasFailedItem(value, isFailed)) return LACKING;
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than can be written, though not than can be read.
    return LACKING;
  }
}

/** Reads one selection of what a representation holds. */
class SelectionReader {
  readonly fieldsOf: (typename: string) => readonly ReadField[];
  private readonly selections: readonly QueryPlanSelectionNode[];
  private readonly source: ReaderSource;
  /** Where in the representation it stands, for the rewrites. */
  private readonly path: readonly string[];

  constructor(selections: readonly QueryPlanSelectionNode[], source: ReaderSource, path: readonly string[]) {
    this.selections = selections;
    this.source = source;
    this.path = path;
    this.fieldsOf = rememberByType((typename) => {
      const asked = new Map<string, QueryPlanSelectionNode[]>();
      this.collect(this.selections, typename, asked);
      return [...asked].map(([name, inner]) => this.fieldOf(name, inner, typename));
    });
  }

  private collect(
    selections: readonly QueryPlanSelectionNode[],
    typename: string,
    into: Map<string, QueryPlanSelectionNode[]>,
  ): void {
    for (const selection of selections) {
      if (selection.kind === 'Field') {
        const name = selection.alias ?? selection.name;
        into.set(name, [...(into.get(name) ?? []), ...(selection.selections ?? [])]);
      } else if (selection.typeCondition === undefined || this.source.isOfType(typename, selection.typeCondition)) {
        this.collect(selection.selections, typename, into);
      }
    }
  }

  private fieldOf(name: string, inner: readonly QueryPlanSelectionNode[], typename: string): ReadField {
    const path = [...this.path, name];
    const setter = this.source.rewrites.find(
      (rewrite) => rewrite.kind === 'ValueSetter' && this.reaches(rewrite.path, path, typename),
    );
    return {
      source: name,
      label: `${JSON.stringify(this.source.realNameOf(name))}:`,
      inner: inner.length === 0 ? undefined : new SelectionReader(inner, this.source, path),
      constant: setter?.kind === 'ValueSetter' ? JSON.stringify(setter.setValueTo) : undefined,
    };
  }

  /** Whether a rewrite's path, type conditions aside, is this one. */
  private reaches(rewrite: readonly string[], path: readonly string[], typename: string): boolean {
    const holds = rewrite.every((step) => !step.startsWith('... on ') || this.source.isOfType(typename, step.slice(7)));
    const names = rewrite.filter((step) => !step.startsWith('... on '));
    return holds && names.length === path.length && names.every((name, at) => name === path[at]);
  }

  /** Gives an object's text; adds what is lacking to `lacking`. */
  text(object: Fields, typename: string, isFailed: FailureCheck | undefined, lacking: string[]): string {
    let text = '';
    for (const field of this.fieldsOf(typename)) {
      const value = field.constant ?? this.valueText(object, field, isFailed);
      if (value === LACKING) lacking.push(field.source);
      else text += text === '' ? `{${field.label}${value}` : `,${field.label}${value}`;
    }
    return text === '' ? '{}' : `${text}}`;
  }

  private valueText(object: Fields, field: ReadField, isFailed: FailureCheck | undefined): string | typeof LACKING {
    const value = object[field.source];
    if (value === undefined || isFailed?.(object, field.source) === true) return LACKING;
    if (field.inner === undefined) return leafText(value, isFailed);
    return field.inner.nested(value, isFailed);
  }

  private nested(value: unknown, isFailed: FailureCheck | undefined): string | typeof LACKING {
    if (value === null) return 'null';
    if (Array.isArray(value)) {
      const items: string[] = [];
      for (let index = 0; index < value.length; index++) {
        if (isFailed?.(value, index) === true) return LACKING;
        const item = this.nested(value[index], isFailed);
        if (item === LACKING) return LACKING;
        items.push(item);
      }
      return `[${items.join(',')}]`;
    }
    if (!isFields(value)) return LACKING;
    const typename = value['__typename'];
    const lacking: string[] = [];
    const text = this.text(value, typeof typename === 'string' ? typename : '', isFailed, lacking);
    return lacking.length > 0 ? LACKING : text;
  }
}

/** Takes what a fetch requires; gives what reads it out of entities. */
export function openRepresentationReader(source: ReaderSource): RepresentationReader {
  const reader = new SelectionReader(source.requires, source, []);
  return {
    leavesOf: rememberByType((typename) => {
      const fields = reader.fieldsOf(typename);
      const isPlain = fields.every((field) => field.inner === undefined && field.constant === undefined);
      return isPlain ? fields.map((field) => field.source) : undefined;
    }),
    read(entity, isFailed): string | UnreadableEntity | undefined {
      const typename = entity['__typename'];
      if (typeof typename !== 'string') return undefined;
      if (reader.fieldsOf(typename).length === 0) return undefined;
      const lacking: string[] = [];
      const text = reader.text(entity, typename, isFailed, lacking);
      return lacking.length > 0 ? { lacking } : text;
    },
  };
}
