// What an operation costs, found before anything is planned: one pass over the tokens before parsing, one over the
// document after it. Both are linear; named fragments are counted once and remembered, so 1,150 bytes that expand to
// 3.1 million selections (reliability.md, F1) are refused in a millisecond.
import { GraphQLError, Kind, Lexer, parse, Source, TokenKind } from 'graphql';
import type { DefinitionNode, DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { isRefusal, refuse, type ChosenOperation, type Refusal } from '../requestState.ts';
import { LIMITS } from './limits.ts';

/** What a document costs and holds. */
export interface MeasuredDocument {
  readonly operations: readonly ChosenOperation[];
  readonly expandedSelections: number;
  readonly depth: number;
}

/** How large a document may be. */
interface SizeLimits {
  readonly characters: number;
  readonly tokens: number;
  readonly aliases: number;
  readonly directives: number;
  readonly selections: number;
}

const ANYBODYS: SizeLimits = {
  characters: LIMITS.documentCharactersMax.value,
  tokens: LIMITS.documentTokensMax.value,
  aliases: LIMITS.aliasesMax.value,
  directives: LIMITS.directivesMax.value,
  selections: LIMITS.expandedSelectionsMax.value,
};
const REGISTERED: SizeLimits = {
  characters: ANYBODYS.characters * 10,
  tokens: ANYBODYS.tokens * 10,
  aliases: ANYBODYS.aliases * 10,
  directives: ANYBODYS.directives * 10,
  selections: LIMITS.registeredSelectionsMax.value,
};

interface Cost {
  readonly selections: number;
  readonly depth: number;
  readonly roots: number;
}

const NO_COST: Cost = { selections: 0, depth: 0, roots: 0 };
/** Counters stop here, far above every limit and far below where whole numbers end. */
const COUNT_MAX = 2 ** 40;

function addBounded(left: number, right: number): number {
  return Math.min(left + right, COUNT_MAX);
}

function worseOf(left: Cost, right: Cost): Cost {
  return {
    selections: Math.max(left.selections, right.selections),
    depth: Math.max(left.depth, right.depth),
    roots: Math.max(left.roots, right.roots),
  };
}

function tooLarge(what: string, max: number): Refusal {
  return refuse('OPERATION_TOO_LARGE', `The operation has more than ${max} ${what}.`);
}

function syntaxRefusal(error: unknown): Refusal {
  if (!(error instanceof GraphQLError)) throw error;
  return refuse('GRAPHQL_PARSE_FAILED', error.message, { ...(error.locations && { locations: error.locations }) });
}

/** First pass: tokens and nesting, so that the parser never recurses deeper than it may. */
function checkTokens(document: string, tokensMax: number): Refusal | undefined {
  const lexer = new Lexer(new Source(document));
  let tokens = 0;
  let braces = 0;
  let literals = 0;
  let parentheses = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    if (++tokens > tokensMax) return tooLarge('tokens', tokensMax);
    const opens = token.kind === TokenKind.BRACE_L || token.kind === TokenKind.BRACKET_L;
    const closes = token.kind === TokenKind.BRACE_R || token.kind === TokenKind.BRACKET_R;
    if (token.kind === TokenKind.PAREN_L) parentheses++;
    else if (token.kind === TokenKind.PAREN_R) parentheses--;
    else if (parentheses > 0) literals += opens ? 1 : closes ? -1 : 0;
    else braces += opens ? 1 : closes ? -1 : 0;
    if (braces > LIMITS.depthMax.value) return tooLarge('levels', LIMITS.depthMax.value);
    if (literals > LIMITS.literalDepthMax.value || parentheses > 1) {
      return tooLarge('levels in an argument', LIMITS.literalDepthMax.value);
    }
  }
  return undefined;
}

class FragmentCycle extends Error {}

/** Counts selection sets with their fragments expanded; each fragment is counted once. */
class SelectionCounter {
  aliases = 0;
  directives = 0;
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly counted = new Map<string, Cost | 'counting'>();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.fragments = fragments;
  }

  /** The cost of a named fragment; one that does not exist costs nothing, validation refuses it. */
  ofFragment(name: string): Cost {
    const known = this.counted.get(name);
    if (known === 'counting') throw new FragmentCycle(name);
    if (known !== undefined) return known;
    const fragment = this.fragments.get(name);
    if (fragment === undefined) return NO_COST;
    this.counted.set(name, 'counting');
    this.directives += fragment.directives?.length ?? 0;
    const cost = this.ofSelections(fragment.selectionSet);
    this.counted.set(name, cost);
    return cost;
  }

  ofSelections(set: SelectionSetNode): Cost {
    let selections = 0;
    let depth = 0;
    let roots = 0;
    for (const selection of set.selections) {
      this.directives += selection.directives?.length ?? 0;
      const isField = selection.kind === Kind.FIELD;
      if (isField && selection.alias !== undefined) this.aliases++;
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? this.ofFragment(selection.name.value)
          : selection.selectionSet === undefined
            ? NO_COST
            : this.ofSelections(selection.selectionSet);
      const own = selection.kind === Kind.FRAGMENT_SPREAD ? 0 : 1;
      selections = addBounded(selections, addBounded(own, inner.selections));
      roots = addBounded(roots, isField ? 1 : inner.roots);
      depth = Math.max(depth, isField ? inner.depth + 1 : inner.depth);
    }
    return { selections, depth, roots };
  }
}

function isFragment(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION;
}

/** Takes a parsed document; gives what it costs, or the refusal of one over a limit. Reads each selection set once. */
export function countDocument(document: DocumentNode, limits: SizeLimits = ANYBODYS): MeasuredDocument | Refusal {
  const fragments = new Map(document.definitions.filter(isFragment).map((node) => [node.name.value, node]));
  const counter = new SelectionCounter(fragments);
  const operations: ChosenOperation[] = [];
  let worst = NO_COST;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      // Nobody may spread it, and yet validation compares its fields with each other.
      worst = worseOf(worst, { ...counter.ofFragment(definition.name.value), roots: 0 });
    }
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    operations.push({ name: definition.name?.value, kind: definition.operation });
    counter.directives += definition.directives?.length ?? 0;
    worst = worseOf(worst, counter.ofSelections(definition.selectionSet));
  }
  const checks = [
    [counter.aliases, limits.aliases, 'aliases'],
    [counter.directives, limits.directives, 'directives'],
    [worst.roots, LIMITS.rootFieldsMax.value, 'root fields'],
    [worst.depth, LIMITS.depthMax.value, 'levels'],
    [worst.selections, limits.selections, 'selections'],
  ] as const;
  const over = checks.find(([count, max]) => count > max);
  if (over !== undefined) return tooLarge(over[2], over[1]);
  return { operations, expandedSelections: worst.selections, depth: worst.depth };
}

function measureAfresh(document: string, limits: SizeLimits): MeasuredDocument | Refusal {
  try {
    const refusal = checkTokens(document, limits.tokens);
    if (refusal !== undefined) return refusal;
    return countDocument(parse(document, { maxTokens: limits.tokens, noLocation: true }), limits);
  } catch (error) {
    if (error instanceof FragmentCycle) {
      return refuse('GRAPHQL_VALIDATION_FAILED', `Cannot spread fragment "${error.message}" within itself.`);
    }
    return syntaxRefusal(error);
  }
}

function openMemory(): LRUCache<string, MeasuredDocument | Refusal> {
  return new LRUCache({
    max: LIMITS.plansMax.value,
    maxSize: 16_000_000,
    sizeCalculation: (_: MeasuredDocument | Refusal, document: string) => document.length + 200,
  });
}

/** Apart, as a text can become registered, and cease to be so. */
const measuredAnybodys = openMemory();
const measuredRegistered = openMemory();

/**
 * Takes a document, and whether the operator registered it; gives what it costs, or the refusal of one that is over a
 * limit or not GraphQL.
 */
export function measureDocument(document: string, isRegistered = false): MeasuredDocument | Refusal {
  const limits = isRegistered ? REGISTERED : ANYBODYS;
  const measured = isRegistered ? measuredRegistered : measuredAnybodys;
  if (document.length > limits.characters) return tooLarge('characters', limits.characters);
  const known = measured.get(document);
  if (known !== undefined) return known;
  const fresh = measureAfresh(document, limits);
  measured.set(document, fresh);
  return fresh;
}

/**
 * Takes a document, the name that the request gives, and whether the operator registered the document; gives the
 * operation that will run, or the refusal.
 */
export function chooseOperation(
  document: string,
  operationName: string | undefined,
  isRegistered = false,
): ChosenOperation | Refusal {
  const measure = measureDocument(document, isRegistered);
  if (isRefusal(measure)) return measure;
  const { operations } = measure;
  if (operationName === undefined) {
    const only = operations[0];
    if (operations.length === 1 && only !== undefined) return only;
    return operations.length === 0
      ? refuse('OPERATION_RESOLUTION_FAILURE', 'The document has no operation.')
      : refuse('OPERATION_RESOLUTION_FAILURE', 'The document has several operations: give operationName.');
  }
  const named = operations.find((operation) => operation.name === operationName);
  return named ?? refuse('OPERATION_RESOLUTION_FAILURE', 'operationName names no operation of the document.');
}
