// What was found becomes findings: each with its page, its place, its name for approvals, and whether it fails the check.
import type { UsageExport } from '../../contracts/usageExport.ts';
import { codeOf } from '../codes/codes.ts';
import { VERDICTS, type Finding, type Verdict } from '../finding.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { Places } from '../load/places.ts';
import { GRAPH_VIEW, type Snapshot } from '../snapshot.ts';
import { affectedRows } from './affectedRows.ts';
import { judgeByUsage, type UsageThresholds } from './judgeByUsage.ts';
import type { PlacedDraft } from '../rules/rule.ts';

/** What fails a check beside what is breaking, unsafe or an error. */
export interface Strictness {
  readonly dangerousAsBreaking: boolean;
  readonly enumAsBreaking: boolean;
  readonly unionAsBreaking: boolean;
  /** Warnings fail too. */
  readonly strict: boolean;
}

/** What findings are judged by. */
export interface Judging {
  readonly strictness: Strictness;
  readonly usage: UsageExport | undefined;
  readonly thresholds: UsageThresholds;
  readonly now: Date;
  readonly base: Snapshot | undefined;
  readonly head: Snapshot;
  readonly places: Places;
  readonly basePlaces: Places;
}

const FAILING: ReadonlySet<Verdict> = new Set(['breaking', 'unsafe', 'error']);

function raise(
  code: string,
  verdict: Verdict,
  { dangerousAsBreaking, enumAsBreaking, unionAsBreaking }: Strictness,
): Verdict {
  if (verdict !== 'dangerous') return verdict;
  const isRaised =
    dangerousAsBreaking ||
    (enumAsBreaking && code === 'ENUM_VALUE_ADDED') ||
    (unionAsBreaking && code === 'UNION_MEMBER_ADDED');
  return isRaised ? 'breaking' : verdict;
}

/** The subgraph that it is about: the one that is told, or the only one that has it, or had it. */
function subgraphOf({ coordinate, subgraph }: PlacedDraft, { places, basePlaces }: Judging): string | undefined {
  if (subgraph !== undefined || coordinate === undefined) return subgraph;
  const now = places.subgraphsOf(coordinate);
  const [only, ...others] = now.length > 0 ? now : basePlaces.subgraphsOf(coordinate);
  return others.length === 0 ? only : undefined;
}

function isJudgedByUsage(step: string, verdict: Verdict): boolean {
  return step === 'change' && verdict === 'breaking';
}

/** Composers leave the end of a sentence out. */
function asSentence(text: string): string {
  return /[.!?:]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;
}

function placeOf(code: string, coordinate: string | undefined, subgraph: string | undefined, places: Places) {
  return code.startsWith('SUBGRAPH_') ? places.listedAt(subgraph) : places.placeOf(coordinate, subgraph);
}

/** Makes a finding of a draft. */
function findingOf(draft: PlacedDraft, judging: Judging): Finding {
  const { code, coordinate, what } = draft;
  const page = codeOf(code);
  const verdict = raise(code, draft.verdict ?? page.verdict, judging.strictness);
  const subgraph = subgraphOf(draft, judging);
  const [before, after, views] = [draft.before, draft.after, draft.views ?? []];
  const contracts = views.includes(GRAPH_VIEW) ? [] : views;
  const finding: Finding = {
    step: page.step,
    ...{ code, verdict, coordinate, subgraph, before, after },
    views,
    place: draft.place ?? placeOf(code, coordinate, subgraph, judging.places),
    message: {
      what: asSentence(what),
      expected: page.expected,
      why: page.why,
      mend: page.mend,
      read: `docs/checks.md#${(page === codeOf('') ? 'composition' : code).toLowerCase()}`,
    },
    fingerprint: fingerprintOf({ code, coordinate, before, after, contracts }),
    fails: FAILING.has(verdict) || (judging.strictness.strict && verdict === 'warning'),
  };
  if (judging.usage === undefined || !isJudgedByUsage(page.step, verdict)) return finding;
  const rows = affectedRows(draft, judging.usage.rows, {
    before: judging.base?.state?.views.get(GRAPH_VIEW),
    after: judging.head.state?.views.get(GRAPH_VIEW),
  });
  const usage = judgeByUsage(rows, judging.usage, judging.thresholds, judging.now);
  return { ...finding, usage, fails: !usage.isExcused };
}

function weight({ verdict, fails }: Finding): number {
  return VERDICTS.indexOf(verdict) - (fails ? VERDICTS.length : 0);
}

/** Sorts findings: those that fail first, the worst of them before, then by coordinate. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const key = ({ coordinate = '', code, before = '', after = '' }: Finding): string =>
    [coordinate, code, before, after].join(' ');
  return [...findings].sort((left, right) => weight(left) - weight(right) || (key(left) < key(right) ? -1 : 1));
}

/** Judges all drafts. */
export function judge(drafts: readonly PlacedDraft[], judging: Judging): Finding[] {
  return drafts.map((draft) => findingOf(draft, judging));
}
