// What the graph's makers say of keeping entities: @cacheControl, read out of the supergraph. Known by the URL of its link
// alone. A type is kept by its own word (maxAge above zero) and no other's: nothing is kept of what says nothing.
import { isTypeDefinitionNode, Kind, valueFromASTUntyped } from 'graphql';
import type { ConstDirectiveNode, DefinitionNode, DocumentNode } from 'graphql';
import { readSupergraphLinks } from '../../supergraph/supergraphLinks.ts';

/** What is said of one type or field. */
export interface CacheControl {
  /** How long an answer is kept at most; undefined where a field says nothing of it, 0 for never. */
  readonly maxAgeMs: number | undefined;
  /** Whether it is kept for one caller alone, rather than for all with equal rights. */
  readonly isPrivate: boolean;
  /** Types of whose entities any change makes the field old, beside those whose data it holds. */
  readonly changedBy: readonly string[];
}

/** How a type stands in the subgraphs. */
interface JoinedType {
  /** Whether some subgraph has a key of it. */
  readonly isEntity: boolean;
  /** The names of key fields, where a key is nothing but plain fields. */
  readonly keys: readonly (readonly string[])[];
  /** Fields by name → the subgraphs' enum values that have them; undefined for all of the type's. */
  readonly fields: ReadonlyMap<string, ReadonlySet<string> | undefined>;
}

/** What is known of keeping. */
export interface CacheRules {
  /** What is said of `Type` or `Type.field`. */
  readonly of: (coordinate: string) => CacheControl | undefined;
  readonly isEntity: (type: string) => boolean;
  /** The keys of a type that are plain fields. */
  readonly keysOf: (type: string) => readonly (readonly string[])[];
  /** Whether a subgraph, by its name, can be asked for the `id` of a type. */
  readonly hasId: (subgraph: string, type: string) => boolean;
}

/** The specification that brings @cacheControl, without its version. */
const CACHE_CONTROL = 'https://crm-graph.dev/cacheControl';
const PLAIN_KEY = /^\s*\w+(?:\s+\w+)*\s*$/;

function argumentsOf(directive: ConstDirectiveNode): Map<string, unknown> {
  return new Map((directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
}

function readControl(directive: ConstDirectiveNode): CacheControl {
  const given = argumentsOf(directive);
  const maxAge = given.get('maxAge');
  const changedBy = given.get('changedBy');
  return {
    maxAgeMs: typeof maxAge === 'number' ? Math.max(0, maxAge) * 1_000 : undefined,
    isPrivate: given.get('scope') === 'PRIVATE',
    changedBy: Array.isArray(changedBy) ? changedBy.filter((name) => typeof name === 'string') : [],
  };
}

class RuleReader {
  readonly controls = new Map<string, CacheControl>();
  readonly types = new Map<string, JoinedType>();
  /** Subgraphs' names → the values of the join enum. */
  readonly graphs = new Map<string, string>();
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  read(node: DefinitionNode): void {
    if (!isTypeDefinitionNode(node)) return;
    const type = node.name.value;
    if (node.kind === Kind.ENUM_TYPE_DEFINITION && type === 'join__Graph') {
      for (const value of node.values ?? []) {
        const graph = value.directives?.find((each) => each.name.value === 'join__graph');
        const name = graph && argumentsOf(graph).get('name');
        this.graphs.set(typeof name === 'string' ? name : value.name.value, value.name.value);
      }
    }
    this.note(type, node.directives);
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return;
    const joins = this.named(node.directives, 'join__type').map(argumentsOf);
    const keys = joins.map((join) => join.get('key')).filter((key) => typeof key === 'string');
    const fields = new Map<string, ReadonlySet<string> | undefined>();
    const own = new Set(joins.map((join) => String(join.get('graph'))));
    for (const field of node.fields ?? []) {
      this.note(`${type}.${field.name.value}`, field.directives);
      const placed = this.named(field.directives, 'join__field').map(argumentsOf);
      const graphs = placed.map((join) => join.get('graph')).filter((graph) => typeof graph === 'string');
      fields.set(field.name.value, graphs.length === 0 ? own : new Set(graphs));
    }
    this.types.set(type, {
      isEntity: keys.length > 0,
      keys: keys.filter((key) => PLAIN_KEY.test(key)).map((key) => key.trim().split(/\s+/)),
      fields,
    });
  }

  private named(directives: readonly ConstDirectiveNode[] | undefined, name: string): ConstDirectiveNode[] {
    return (directives ?? []).filter((each) => each.name.value === name);
  }

  private note(coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void {
    const [first] = this.named(directives, this.name);
    if (first !== undefined) this.controls.set(coordinate, readControl(first));
  }
}

/** Takes a parsed supergraph; gives what it says of keeping, undefined where nothing in it may be kept. */
export function readCacheRules(document: DocumentNode): CacheRules | undefined {
  const name = readSupergraphLinks(document).directiveName(CACHE_CONTROL, 'cacheControl');
  if (name === undefined) return undefined;
  const reader = new RuleReader(name);
  for (const node of document.definitions) reader.read(node);
  const { controls, types, graphs } = reader;
  if (controls.size === 0) return undefined;
  return {
    of: (coordinate) => controls.get(coordinate),
    isEntity: (type) => types.get(type)?.isEntity === true,
    keysOf: (type) => types.get(type)?.keys ?? [],
    hasId: (subgraph, type) =>
      types
        .get(type)
        ?.fields.get('id')
        ?.has(graphs.get(subgraph) ?? '') === true,
  };
}
