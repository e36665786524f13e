// Decides before any plan whether a caller may run an operation: yes, or which fields not and what is missing for them.
// What the operation takes is worked out once; a decision is kept by the caller's rights, so that most are one look-up.
import { OperationTypeNode } from 'graphql';
import type { DocumentNode, FieldNode, OperationDefinitionNode } from 'graphql';
import type { Caller } from '../caller.ts';
import { missingFor, type Missing } from '../../supergraph/needs.ts';
import { compileNeeds, type OperationNeeds } from './operationNeeds.ts';
import { NO_POLICIES } from './policies.ts';
import type { ScopeIndex } from '../../supergraph/scopeIndex.ts';

/** A field that the caller may not see. */
export interface DeniedField {
  /** Response names from the root on; lists add nothing. */
  readonly path: readonly string[];
  readonly coordinate: string;
  readonly missing: Missing;
}

/** What is told of an operation and a caller. */
export type Decision =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      /** `refuse`: nothing runs. `filter`: the denied fields are null and not fetched, all else runs. */
      readonly answer: 'refuse' | 'filter';
      /** At most 100 of them, in the document's order. */
      readonly denied: readonly DeniedField[];
      /** All of them, as written: one that stands in a fragment is denied wherever that is spread. */
      readonly nodes: ReadonlyMap<FieldNode, Missing>;
    };

/** What enforces the auth directives of one supergraph. */
export interface Authorizer {
  /** Takes a validated document and the operation of it that will run; gives what it takes, to be kept with it. */
  needsOf(document: DocumentNode, operation: OperationDefinitionNode): OperationNeeds;
  /** Decides; `policiesHeld` are those that said yes to `needs.policies` (askPolicies). */
  decide(needs: OperationNeeds, caller: Caller, policiesHeld?: ReadonlySet<string>): Decision;
  /** Coordinates that take anything. */
  protectedCoordinates(): readonly string[];
}

const ALLOWED: Decision = Object.freeze({ allowed: true });
/** How many denied places a decision tells at most; everything denied is taken out, told or not. */
export const TOLD_MAX = 100;
/** How many decisions are kept of an operation. */
const DECISIONS_MAX = 256;

function work(needs: OperationNeeds, caller: Caller, policies: ReadonlySet<string>): Decision {
  const authenticated = caller.kind === 'key' || caller.kind === 'person';
  const held = { authenticated, scopes: caller.scopes, policies };
  const nodes = new Map<FieldNode, Missing>();
  const coordinates = new Map<FieldNode, string>();
  for (const group of needs.groups) {
    const missing = missingFor(group.needs, held);
    if (missing === undefined) continue;
    for (const { node, coordinate } of group.fields) {
      nodes.set(node, missing);
      coordinates.set(node, coordinate);
    }
  }
  if (nodes.size === 0) return ALLOWED;
  const denied = needs.placesOf(new Set(nodes.keys()), TOLD_MAX).flatMap(({ node, path }) => {
    const missing = nodes.get(node);
    const coordinate = coordinates.get(node);
    return missing === undefined || coordinate === undefined ? [] : [{ path, coordinate, missing }];
  });
  const answer = needs.kind === OperationTypeNode.MUTATION ? 'refuse' : caller.denial;
  return { allowed: false, answer, denied, nodes };
}

/** Takes the index of a supergraph; gives what decides on its operations. */
export function openAuthorizer(index: ScopeIndex): Authorizer {
  const decisions = new WeakMap<OperationNeeds, Map<string, Decision>>();
  return {
    needsOf: (document, operation) => compileNeeds(index, document, operation),
    decide(needs, caller, policiesHeld = NO_POLICIES) {
      if (needs.groups.length === 0) return ALLOWED;
      // Rights say all but what the policies said just now.
      const held = needs.policies.filter((name) => policiesHeld.has(name));
      const key = held.length === 0 ? caller.rights : JSON.stringify([caller.rights, ...held]);
      const known = decisions.get(needs);
      const decided = known?.get(key);
      if (decided !== undefined) return decided;
      const kept = known ?? new Map<string, Decision>();
      if (kept.size >= DECISIONS_MAX) kept.clear();
      const decision = work(needs, caller, policiesHeld);
      decisions.set(needs, kept.set(key, decision));
      return decision;
    },
    protectedCoordinates: () => index.protectedCoordinates(),
  };
}
