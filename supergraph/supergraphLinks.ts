// Reads a supergraph's @link applications. A directive of a specification is known by the URL of its link alone: every
// import can be renamed, and a name proves nothing.
import { Kind, valueFromASTUntyped, type ConstDirectiveNode, type DocumentNode } from 'graphql';

/** One @link: which specification, and under which names its elements stand in the document. */
interface SupergraphLink {
  /** The URL without its version, as `https://specs.apollo.dev/tag`. */
  readonly identity: string;
  /** What stands before `__` in the names of what was not imported. */
  readonly prefix: string;
  /** The specification's name of an element, directives with their @ → the document's. */
  readonly imports: ReadonlyMap<string, string>;
}

/** The links of one supergraph. */
export interface SupergraphLinks {
  /**
   * Takes a specification's URL without version and a directive's own name, without @; gives its name in the document,
   * without @. Undefined where nothing links the specification.
   */
  directiveName(identity: string, directive: string): string | undefined;
  /** Says whether a type of this name belongs to a linked specification. */
  readonly isLinkedType: (name: string) => boolean;
}

const VERSIONED = /^(.+)\/v\d+(?:\.\d+)*\/?$/;

function readImports(given: unknown): Map<string, string> {
  const imports = new Map<string, string>();
  for (const each of Array.isArray(given) ? (given as readonly unknown[]) : []) {
    if (typeof each === 'string') imports.set(each, each);
    if (typeof each !== 'object' || each === null || !('name' in each)) continue;
    const name = String(each.name);
    imports.set(name, 'as' in each && typeof each.as === 'string' ? each.as : name);
  }
  return imports;
}

function readLink(directive: ConstDirectiveNode): SupergraphLink | undefined {
  const given = new Map((directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
  const url = given.get('url') ?? given.get('feature');
  if (typeof url !== 'string') return undefined;
  const identity = VERSIONED.exec(url)?.[1] ?? url;
  const as = given.get('as');
  const prefix = typeof as === 'string' ? as : identity.slice(identity.lastIndexOf('/') + 1);
  return { identity, prefix, imports: readImports(given.get('import')) };
}

/** Takes a parsed supergraph; gives what its links say. */
export function readSupergraphLinks(document: DocumentNode): SupergraphLinks {
  const applied = document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : [],
  );
  const links = applied.flatMap((directive) => readLink(directive) ?? []);
  const types = new Set(links.flatMap(({ imports }) => [...imports.values()].filter((name) => !name.startsWith('@'))));
  return {
    directiveName(identity, directive) {
      const link = links.find((each) => each.identity === identity);
      if (link === undefined) return undefined;
      const imported = link.imports.get(`@${directive}`);
      if (imported !== undefined) return imported.slice(1);
      // The directive named as its specification stands under the link's own name.
      return identity.endsWith(`/${directive}`) ? link.prefix : `${link.prefix}__${directive}`;
    },
    isLinkedType: (name) => types.has(name) || links.some(({ prefix }) => name.startsWith(`${prefix}__`)),
  };
}
