// READ FIRST: a check, as the list of its steps. Two states of the graph go in, every finding of every step comes out;
// nothing is changed. `commands/check.ts` is the command.
import type { UsageExport } from '../contracts/usageExport.ts';
import { compareDirectives } from './diff/subgraphDirectives.ts';
import { compareViews } from './diff/apiChanges.ts';
import type { CheckReport, Finding, Verdict } from './finding.ts';
import { judge, sortFindings, type Judging, type Strictness } from './judge/judge.ts';
import type { UsageThresholds } from './judge/judgeByUsage.ts';
import { lintSchemas } from './lint/lint.ts';
import { lintUsage } from './lint/lintUsage.ts';
import { openPlaces } from './load/places.ts';
import { checkOperations, type RegisteredFile } from './operations.ts';
import { RULES } from './rules/rules.ts';
import { giveSecondOpinion, hintsOf } from './compositionFindings.ts';
import { GRAPH_VIEW, type Snapshot } from './snapshot.ts';
import type { PlacedDraft } from './rules/rule.ts';

/** What is checked, and by what. */
export interface Check {
  readonly head: Snapshot;
  /** Undefined where there was no graph before. */
  readonly base: Snapshot | undefined;
  readonly baseName: string;
  readonly operations: readonly RegisteredFile[];
  readonly usage: UsageExport | undefined;
  readonly thresholds: UsageThresholds;
  readonly strictness: Strictness;
  /** Only what this contract's clients see; undefined for everything. */
  readonly contract: string | undefined;
  /** Whether lint tells what stood there before too. */
  readonly allLint: boolean;
  readonly now: Date;
  /** Reviewed exceptions are put on findings by this. */
  readonly approve: (findings: readonly Finding[]) => readonly Finding[];
}

/** What both states say of each other. */
async function findChanges({ head, base, baseName }: Check): Promise<PlacedDraft[]> {
  if (head.state === undefined) return [];
  if (base === undefined) return [{ code: 'BASE_ABSENT', what: `There is no graph in ${baseName} to compare with.` }];
  if (base.state === undefined) {
    const why = base.drafts[0]?.what ?? '';
    return [{ code: 'BASE_INVALID', after: why, what: `The graph of ${base.name} could not be composed: ${why}` }];
  }
  const change = { base: base.state, head: head.state };
  const changes = [
    ...(await compareViews(change)),
    ...RULES.flatMap((rule) => rule(change)),
    ...(await compareDirectives(base.subgraphs, head.subgraphs)),
  ];
  // A list of contracts that can not be read says nothing of which there are.
  const isListed = [...base.drafts, ...head.drafts].every(({ code }) => code !== 'CONTRACTS_UNREADABLE');
  return changes.filter(({ code }) => isListed || !/^CONTRACT_(ADDED|REMOVED)$/.test(code));
}

function findInvalidOperations({ head, base, operations }: Check): PlacedDraft[] {
  const after = head.state?.views.get(GRAPH_VIEW);
  return after === undefined ? [] : checkOperations(operations, base?.state?.views.get(GRAPH_VIEW), after);
}

const NONE: Readonly<Record<Verdict, number>> = { error: 0, unsafe: 0, breaking: 0, dangerous: 0, warning: 0, safe: 0 };

function countVerdicts(findings: readonly Finding[]): Readonly<Record<Verdict, number>> {
  const counts = { ...NONE };
  for (const { verdict } of findings) counts[verdict]++;
  return counts;
}

/** Runs every step; gives the report. `durationMs` is the caller's to measure. */
export async function runCheck(check: Check): Promise<Omit<CheckReport, 'durationMs'>> {
  const { head, base, contract } = check;
  const drafts: PlacedDraft[] = [
    ...head.drafts,
    ...(await giveSecondOpinion(head)),
    ...hintsOf(head, base),
    ...(await lintSchemas(head, base, check.allLint)),
    ...(await findChanges(check)),
    ...findInvalidOperations(check),
    ...lintUsage(check),
  ];
  const [places, basePlaces] = [openPlaces(head.subgraphs), openPlaces(base?.subgraphs ?? [])];
  const judging: Judging = { ...check, places, basePlaces };
  const seen = judge(drafts, judging).filter(
    ({ views }) => contract === undefined || views.length === 0 || views.includes(contract),
  );
  const findings = sortFindings(check.approve(seen));
  return {
    formatVersion: 1,
    passed: !findings.some(({ fails }) => fails),
    compared: { base: check.baseName, head: head.name },
    subgraphs: head.subgraphs.map(({ name }) => name),
    contracts: [...(head.state?.contracts.keys() ?? [])],
    findings,
    counts: countVerdicts(findings),
  };
}
