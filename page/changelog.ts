// The history in words: who published what, why, and what changed for clients, from the releases and their reports.
import { shortHash, type SignedRelease } from '../store/release.ts';
import type { History, HistoryEntry, ReportPage } from './pageWords.ts';
import type { ReleaseLog } from './releaseLog.ts';
import { briefOf, type StoredReport } from './storedReport.ts';

const CHANGES_TOLD_MAX = 8;
const FIRST = 'The first release: there was nothing to compare it with.';

function missingReport({ action, report }: SignedRelease['release']): string {
  if (action === 'rollback') return 'Its schemas were checked when they were published first.';
  return report === null
    ? 'It was published without a check report.'
    : 'Its check report is of a kind that this page cannot read.';
}

/** Takes a release with its report; gives it in words. `restores` is the release whose schemas a rollback put back. */
export function tellRelease(
  { release, hash }: SignedRelease,
  report: StoredReport | undefined,
  restores: number | undefined,
): HistoryEntry {
  // A rollback has the report of the release that it puts back, whose changes are not its own.
  const own = release.action === 'publish' ? report : undefined;
  const changes = (own?.changes ?? []).map(({ verdict, what, coordinate }) => ({ verdict, what, coordinate }));
  return {
    number: release.number,
    action: release.action,
    restores: release.action === 'rollback' ? restores : undefined,
    author: release.author,
    at: release.publishedAt,
    message: release.message,
    commit: release.commit ?? undefined,
    hash: shortHash(hash),
    loosenedBecause: release.loosenedBecause ?? undefined,
    report: own && (release.parent === null ? { ...briefOf(own), sentence: FIRST } : briefOf(own)),
    withoutReport: own === undefined ? missingReport(release) : undefined,
    changes: changes.slice(0, CHANGES_TOLD_MAX),
    more: Math.max(0, changes.length - CHANGES_TOLD_MAX),
  };
}

/** Gives at most `limit` releases before a number, in words. Rejects as the log does. */
export async function tellHistory(log: ReleaseLog, before: number, limit: number): Promise<History> {
  const found = await log.before(before, limit + 1);
  const shown = found.slice(0, limit);
  const entries = await Promise.all(
    shown.map(async (signed) => tellRelease(signed, await log.reportOf(signed), log.restoredBy(signed))),
  );
  return { entries, next: found.length > limit ? shown.at(-1)?.release.number : undefined };
}

/** Takes a report and which of its findings are wanted; gives them with what it came to. */
export function tellReport(
  title: string,
  report: StoredReport,
  { verdict, offset, limit }: { readonly verdict: string | undefined; readonly offset: number; readonly limit: number },
): ReportPage {
  const wanted = report.findings.filter((finding) => verdict === undefined || finding.verdict === verdict);
  // Without a wish the first of each verdict, so that many of one kind hide no other.
  const seen = new Map<string, number>();
  const first = wanted.filter((finding) => {
    const count = (seen.get(finding.verdict) ?? 0) + 1;
    seen.set(finding.verdict, count);
    return count <= limit;
  });
  return {
    ...briefOf(report),
    title,
    compared: report.compared,
    findings: verdict === undefined ? first : wanted.slice(offset, offset + limit),
    total: wanted.length,
  };
}
