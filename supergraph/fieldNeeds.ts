// What a supergraph's text asks of callers, field by field: the index for whoever has nothing but the text.
import { parse } from 'graphql';
import { readAuthLinks } from './authLinks.ts';
import { textOf } from './needs.ts';
import { readDeclarations } from './readNeeds.ts';
import { openScopeIndex, type ScopeIndex } from './scopeIndex.ts';

/** Opens the index of what a supergraph asks of callers. */
export function openNeeds(supergraph: string): ScopeIndex {
  const document = parse(supergraph, { noLocation: true });
  const links = readAuthLinks(document);
  return openScopeIndex(readDeclarations(document, links), links.contexts);
}

/** What each protected field takes, one text each. */
export function needsByCoordinate(index: ScopeIndex): Map<string, string> {
  return new Map(
    index.protectedCoordinates().map((coordinate) => {
      const [type = '', field = ''] = coordinate.split('.');
      return [coordinate, textOf(index.needsOf(type, field))];
    }),
  );
}
