// What the composers say beside refusing: where the two disagree, and what the first one only hints at.
import { readAuthLinks } from '../supergraph/authLinks.ts';
import { parse } from 'graphql';
import { coordinateIn } from './load/loadState.ts';
import { askSecondComposer } from './secondOpinion.ts';
import { GRAPH_VIEW, type Snapshot } from './snapshot.ts';
import type { PlacedDraft } from './rules/rule.ts';

/** With this hint composition keeps the arguments of one subgraph, the commonest ones: a looser rule can win (F10). */
const KEPT_ONE = 'INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS';
/** With this one it merges them: by AND for what callers need, to the highest cost, and otherwise to the looser. */
const MERGED = 'MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS';
/** Directives that allow nobody anything. */
const HARMLESS = new Set(['deprecated', 'specifiedBy', 'cost']);
/** Said of what every graph does on purpose. */
const USUAL = new Set(['UNUSED_ENUM_TYPE']);

/** Asks the second composer; a state that the first one refuses is told as such alone. */
export async function giveSecondOpinion({ subgraphs, composition, state }: Snapshot): Promise<PlacedDraft[]> {
  if (composition === undefined) return [];
  const api = state?.views.get(GRAPH_VIEW);
  let opinion;
  try {
    opinion = await askSecondComposer(subgraphs, composition, api);
  } catch (error) {
    return [{ code: 'COMPOSER_CRASHED', what: `The second composer failed: ${String(error).slice(0, 500)}` }];
  }
  const { refusals, differences, takesAlone } = opinion;
  const alone = '@theguild/federation-composition takes what @apollo/composition refuses; the stricter one counts.';
  return [
    ...(takesAlone ? [{ code: 'COMPOSERS_DISAGREE', verdict: 'warning', what: alone } as const] : []),
    ...refusals.map((said) => ({
      code: 'COMPOSERS_DISAGREE',
      after: said,
      what: `@theguild/federation-composition refuses it: ${said}`,
    })),
    ...differences.map((said) => ({
      code: 'COMPOSERS_DIFFER',
      after: said,
      what: `Of @theguild/federation-composition it becomes another graph: ${said}`,
    })),
  ];
}

/** The directives that a supergraph's needs are written with: those merge by AND, whatever a hint says. */
function authDirectives({ composition }: Snapshot): ReadonlySet<string> {
  if (composition?.ok !== true) return new Set();
  return new Set(readAuthLinks(parse(composition.supergraph, { noLocation: true })).directives.keys());
}

/** The hints of the first composer that the base does not give. */
export function hintsOf(head: Snapshot, base: Snapshot | undefined): PlacedDraft[] {
  const known = new Set(base?.hints.map(({ code, message }) => `${code} ${message}`));
  const auth = authDirectives(head);
  return head.hints.flatMap(({ code, message }) => {
    const directive = /@(\w+)/.exec(message)?.[1];
    const isOfTwo = code === KEPT_ONE || code === MERGED;
    const isLoosening = isOfTwo && !auth.has(directive ?? '') && !HARMLESS.has(directive ?? '');
    const draft = { coordinate: coordinateIn(message), after: `${code}: ${message}`, what: `${code}: ${message}` };
    // What can lose a rule is told as long as it is there.
    if (isLoosening) return [{ code: 'LOOSENING_HINT', ...draft }];
    if ((code === MERGED && auth.has(directive ?? '')) || USUAL.has(code) || known.has(`${code} ${message}`)) return [];
    return [{ code: 'COMPOSITION_HINT', ...draft }];
  });
}
