// The only way to a supergraph that can be loaded: the auth directives are taken out and what enforces them is given with
// what is left. Stripped without enforcement a graph would be open (access.md, section 2).
import { parse, type ASTNode } from 'graphql';
import { readAuthLinks } from '../../supergraph/authLinks.ts';
import { openAuthorizer, type Authorizer } from './authorize.ts';
import type { Policies } from './policies.ts';
import { readDeclarations } from '../../supergraph/readNeeds.ts';
import { openScopeIndex } from '../../supergraph/scopeIndex.ts';

/** A supergraph for the planner, with what has to be asked before each plan. */
export interface SecuredSupergraph {
  readonly plannerSdl: string;
  readonly authorizer: Authorizer;
  /** Whether anything takes anything: such a graph is not served without keys. */
  readonly carriesAuth: boolean;
}

function cutOut(text: string, nodes: readonly ASTNode[]): string {
  const ranges = nodes.flatMap(({ loc }) => (loc === undefined ? [] : [[loc.start, loc.end] as const]));
  ranges.sort(([left], [right]) => left - right);
  const kept: string[] = [];
  let at = 0;
  for (const [start, end] of ranges) {
    kept.push(text.slice(at, start));
    at = end;
  }
  return [...kept, text.slice(at)].join('');
}

/**
 * Takes a supergraph's SDL and the operator's policies; gives it without auth directives, and what enforces them.
 * Throws where it asks for what could not be enforced: an unknown version or security feature, a policy without a
 * function, an interface with other needs than its implementations have.
 */
export function secureSupergraph(sdl: string, policies: Policies): SecuredSupergraph {
  const document = parse(sdl);
  const links = readAuthLinks(document);
  const declarations = readDeclarations(document, links);
  const index = openScopeIndex(declarations, links.contexts);
  const unanswered = [...index.policies].filter((name) => !policies.has(name));
  if (unanswered.length > 0) throw new Error(`no function answers these policies: ${unanswered.sort().join(', ')}`);
  const { cuts } = declarations;
  return {
    plannerSdl: cuts.length === 0 ? sdl : cutOut(sdl, cuts),
    authorizer: openAuthorizer(index),
    carriesAuth: links.directives.size > 0,
  };
}
