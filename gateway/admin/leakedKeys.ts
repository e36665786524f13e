// `POST /keys/leaked`: reports of leaked keys in the shape that secret-scanning partners send. Every key of ours in it is
// revoked; the answer says which were, by hash, and repeats no key.
import { createHash } from 'node:crypto';
import type { Log } from '../../platform/log.ts';
import type { KeyOffice, LeakReport } from '../identify/keyOffice.ts';

/** One report, answered. */
interface AnsweredReport {
  /** SHA-256 of the token, base64. */
  readonly token_hash: string;
  readonly token_type: string;
  readonly label: 'true_positive' | 'false_positive';
}

const REPORTS_MAX = 100;
const TEXT_CHARACTERS_MAX = 500;
const ACTOR = 'leak-report';

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, TEXT_CHARACTERS_MAX) : undefined;
}

function readReport(value: unknown): (LeakReport & { readonly type: string }) | undefined {
  if (typeof value !== 'object' || value === null || !('token' in value) || typeof value.token !== 'string') {
    return undefined;
  }
  const given: { token: string; type?: unknown; url?: unknown; source?: unknown } = { ...value, token: value.token };
  return {
    token: given.token,
    type: readText(given.type) ?? '',
    url: readText(given.url),
    source: readText(given.source),
  };
}

/** Takes a body; gives the answer, or undefined where it has not the shape. Rejects where a key could not be revoked. */
export async function takeLeakReports(
  body: unknown,
  office: KeyOffice,
  log: Log,
): Promise<AnsweredReport[] | undefined> {
  if (!Array.isArray(body) || body.length > REPORTS_MAX) return undefined;
  const reports = body.map(readReport).filter((report) => report !== undefined);
  if (reports.length !== body.length) return undefined;
  const answers: AnsweredReport[] = [];
  for (const report of reports) {
    const { keyId, known, revoked } = await office.reportLeak(report, { actor: ACTOR });
    if (known) log.warn({ keyId, revoked, source: report.source }, 'a key was reported as leaked');
    answers.push({
      token_hash: createHash('sha256').update(report.token).digest('base64'),
      token_type: report.type,
      label: known ? 'true_positive' : 'false_positive',
    });
  }
  return answers;
}
