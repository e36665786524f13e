// The scopes that a supergraph asks for: what a wildcard can stand for while a key is granted. Read from the applications
// of @requiresScopes, by whatever name the supergraph links it under.
import { parse, visit, type ConstDirectiveNode, type DirectiveNode } from 'graphql';
import { readSupergraphLinks } from '../../supergraph/supergraphLinks.ts';

const IDENTITY = 'https://specs.apollo.dev/requiresScopes';

function textsIn(node: DirectiveNode | ConstDirectiveNode): string[] {
  const texts: string[] = [];
  visit(node, { StringValue: ({ value }) => void texts.push(value) });
  return texts;
}

/** Takes a supergraph's SDL; gives its scopes, sorted, each once. Throws GraphQLError for what is no SDL. */
export function readKnownScopes(sdl: string): string[] {
  const document = parse(sdl, { noLocation: true });
  const name = readSupergraphLinks(document).directiveName(IDENTITY, 'requiresScopes');
  const scopes = new Set<string>();
  visit(document, {
    Directive(node) {
      if (node.name.value === name) for (const text of textsIn(node)) scopes.add(text);
    },
  });
  return [...scopes].sort();
}
