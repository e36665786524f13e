// Which directives of a supergraph are the auth directives: known by the address in the schema's links, never by name,
// since a link may rename what it brings. What would have to be enforced and is not known here stops the load.
import { Kind } from 'graphql';
import type { ConstDirectiveNode, ConstValueNode, DocumentNode } from 'graphql';

/** A directive that says what is needed. */
export type AuthDirective = 'authenticated' | 'requiresScopes' | 'policy';

/** What the links of a supergraph bring that matters here. */
export interface AuthLinks {
  /** The auth directives by the names that they have in this supergraph. */
  readonly directives: ReadonlyMap<string, AuthDirective>;
  /** The scalars that only auth directives use. */
  readonly scalars: ReadonlySet<string>;
  /** Nodes that bring them: whole links, and parts of the import list of others. */
  readonly bringers: ReadonlySet<ConstDirectiveNode | ConstValueNode>;
  /** The names of the directive that opens a context for `@fromContext`. */
  readonly contexts: ReadonlySet<string>;
  /** Whether a directive is named like an auth directive, and no link says what it is. */
  isUnexplained(name: string): boolean;
}

interface Link {
  readonly node: ConstDirectiveNode;
  readonly url: string;
  /** Address without the version, and the last part of it. */
  readonly identity: string;
  readonly name: string;
  readonly version: string;
  /** What its elements are prefixed with. */
  readonly prefix: string;
  readonly isSecurity: boolean;
  readonly imports: readonly { readonly name: string; readonly as: string; readonly node: ConstValueNode }[];
}

const SPECS = 'https://specs.apollo.dev/';
const VERSION = 'v0.1';
const AUTH_NAMES: readonly AuthDirective[] = ['authenticated', 'requiresScopes', 'policy'];
const AUTH: ReadonlyMap<string, AuthDirective> = new Map(AUTH_NAMES.map((name) => [`${SPECS}${name}`, name]));
/** Marked SECURITY and held elsewhere: what is inaccessible is in no API schema, contexts are closed over by the index. */
const HELD_ELSEWHERE: ReadonlySet<string> = new Set([
  `${SPECS}inaccessible/v0.1`,
  `${SPECS}inaccessible/v0.2`,
  `${SPECS}context/v0.1`,
]);

function argumentOf(node: ConstDirectiveNode, name: string): ConstValueNode | undefined {
  return node.arguments?.find((argument) => argument.name.value === name)?.value;
}

function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

function importsOf(node: ConstDirectiveNode): Link['imports'] {
  const list = argumentOf(node, 'import');
  if (list === undefined) return [];
  const values = list.kind === Kind.LIST ? list.values : [list];
  return values.map((value) => {
    if (value.kind === Kind.STRING) return { name: value.value, as: value.value, node: value };
    const part = (wanted: string): string | undefined =>
      value.kind === Kind.OBJECT ? textOf(value.fields.find(({ name }) => name.value === wanted)?.value) : undefined;
    const name = part('name');
    if (name === undefined) throw new Error('a link of the supergraph imports something without a name');
    return { name, as: part('as') ?? name, node: value };
  });
}

function linkOf(node: ConstDirectiveNode): Link | undefined {
  // Every directive on the schema with an address is taken for a link: the link directive can be renamed itself.
  const url = textOf(argumentOf(node, 'url')) ?? textOf(argumentOf(node, 'feature'));
  if (url === undefined) return undefined;
  const parts = url
    .replace(/[#?].*$/, '')
    .replace(/\/+$/, '')
    .split('/');
  const version = parts.pop() ?? '';
  const name = parts.at(-1) ?? '';
  return {
    node,
    url,
    identity: parts.join('/'),
    name,
    version,
    prefix: textOf(argumentOf(node, 'as')) ?? name,
    isSecurity: textOf(argumentOf(node, 'for')) === 'SECURITY',
    imports: importsOf(node),
  };
}

/** The names that an element of a link has: as it is imported, otherwise prefixed, or the prefix alone. */
function namesOf(link: Link, element: string): string[] {
  const imported = link.imports.filter(({ name }) => name === `@${element}`).map(({ as }) => as.replace(/^@/, ''));
  const usual = link.name === element && imported.length === 0 ? [link.prefix] : [];
  return [...imported, ...usual, `${link.prefix}__${element}`];
}

function linksOf(document: DocumentNode): Link[] {
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) return [];
    return (definition.directives ?? []).flatMap((node) => linkOf(node) ?? []);
  });
}

/** Collects what one link after another brings. */
class LinkReader {
  readonly directives = new Map<string, AuthDirective>();
  readonly scalars = new Set<string>();
  readonly bringers = new Set<ConstDirectiveNode | ConstValueNode>();
  readonly contexts = new Set<string>();
  readonly foreign = new Set<string>();

  read(link: Link): void {
    const auth = AUTH.get(link.identity);
    if (auth !== undefined) this.readAuth(link, auth);
    else if (link.identity === `${SPECS}federation`) this.readFederation(link);
    else if (link.isSecurity && !HELD_ELSEWHERE.has(`${link.identity}/${link.version}`)) {
      throw new Error(`the supergraph demands ${link.url}, which is for: SECURITY and not known here`);
    }
    if (link.identity === `${SPECS}context`) for (const name of namesOf(link, 'context')) this.contexts.add(name);
    if (auth === undefined) this.readForeign(link);
  }

  isUnexplained(name: string): boolean {
    if (this.directives.has(name) || this.foreign.has(name)) return false;
    return AUTH_NAMES.some((auth) => name === auth || name.endsWith(`__${auth}`));
  }

  private readAuth(link: Link, auth: AuthDirective): void {
    if (link.version !== VERSION) throw new Error(`the supergraph demands ${link.url}; known is ${VERSION} alone`);
    for (const name of namesOf(link, auth)) this.directives.set(name, auth);
    this.bringers.add(link.node);
    for (const scalar of ['Scope', 'Policy']) this.scalars.add(`${link.prefix}__${scalar}`);
    for (const { name, as } of link.imports) if (!name.startsWith('@')) this.scalars.add(as);
  }

  /** Composers give each auth directive a link of its own; here they come with all of federation's. */
  private readFederation(link: Link): void {
    for (const auth of AUTH_NAMES) for (const name of namesOf(link, auth)) this.directives.set(name, auth);
    for (const { name, as, node } of link.imports) {
      if (AUTH_NAMES.some((auth) => name === `@${auth}`)) this.bringers.add(node);
      if (name !== 'Scope' && name !== 'Policy') continue;
      this.scalars.add(as);
      this.bringers.add(node);
    }
    for (const scalar of ['Scope', 'Policy']) this.scalars.add(`${link.prefix}__${scalar}`);
  }

  private readForeign({ name, prefix, imports }: Link): void {
    for (const { as } of imports) this.foreign.add(as.replace(/^@/, ''));
    if (!imports.some((each) => each.name === `@${name}`)) this.foreign.add(prefix);
  }
}

/** Takes a supergraph; gives its auth directives. Throws for a version or security feature that is not known here. */
export function readAuthLinks(document: DocumentNode): AuthLinks {
  const reader = new LinkReader();
  for (const link of linksOf(document)) reader.read(link);
  return reader;
}
