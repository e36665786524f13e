// Whether a supergraph asks less of callers than another: what somebody may see by the one and not by the other. Read from
// the index that the gateway enforces, so that interfaces, @requires and renamed directives count as they do there.
import { parse } from 'graphql';
import { readAuthLinks } from '../supergraph/authLinks.ts';
import { missingFor, textOf, type Needs } from '../supergraph/needs.ts';
import { readDeclarations } from '../supergraph/readNeeds.ts';
import { openScopeIndex, type ScopeIndex } from '../supergraph/scopeIndex.ts';

/** What a supergraph asks of callers, and what it has. */
interface ReadNeeds extends Pick<ScopeIndex, 'needsOf' | 'protectedCoordinates'> {
  has(type: string, field: string): boolean;
}

/** Takes a supergraph; gives what it takes to see its fields. Throws where it could not be enforced. */
export function readNeedsOf(supergraphSdl: string): ReadNeeds {
  const document = parse(supergraphSdl);
  const links = readAuthLinks(document);
  const declarations = readDeclarations(document, links);
  const index = openScopeIndex(declarations, links.contexts);
  return {
    needsOf: (type, field) => index.needsOf(type, field),
    protectedCoordinates: () => index.protectedCoordinates(),
    has: (type, field) => declarations.types.get(type)?.fields.has(field) === true,
  };
}

type Product = [authenticated: boolean, scopes: string[][], policies: string[][]];

/** Whether somebody who has just enough for `to` lacks something of `from`. */
export function isLooser(from: Needs, to: Needs): boolean {
  const [authenticated, scopes, policies] = JSON.parse(textOf(to)) as Product;
  return scopes.some((someScopes) =>
    policies.some((somePolicies) => {
      const held = { authenticated, scopes: new Set(someScopes), policies: new Set(somePolicies) };
      return missingFor(from, held) !== undefined;
    }),
  );
}

/** Takes two supergraphs; gives the coordinates of `from` that are still there in `to` and take less. Throws as `readNeedsOf`. */
export function findLoosened(fromSdl: string, toSdl: string): string[] {
  const from = readNeedsOf(fromSdl);
  const to = readNeedsOf(toSdl);
  return from.protectedCoordinates().filter((coordinate) => {
    const [type = '', field = ''] = coordinate.split('.');
    return to.has(type, field) && isLooser(from.needsOf(type, field), to.needsOf(type, field));
  });
}
