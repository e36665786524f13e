// What a check finds, as every step of it says so and every output shows it. A step's expected failures are findings;
// all findings of all steps are reported, not the first alone.

/** What a finding means: for a change what it does to clients, for everything else whether it stops the check. */
export type Verdict = (typeof VERDICTS)[number];

/** All verdicts, the worst first. */
export const VERDICTS = ['error', 'unsafe', 'breaking', 'dangerous', 'warning', 'safe'] as const;

/** The step that found it. */
export type FindingStep = 'load' | 'lint' | 'compose' | 'contract' | 'change' | 'operation' | 'approval';

/** A place in a file of the working tree; the path is relative to the folder of supergraph.yaml. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What every message says, in sentences. */
export interface Message {
  /** What was found. */
  readonly what: string;
  /** What is expected instead. */
  readonly expected: string;
  /** Why it matters. */
  readonly why: string;
  /** How to mend it. */
  readonly mend: string;
  /** Where to read on: `docs/checks.md#code`. */
  readonly read: string;
}

/** Who would break, and what of them. */
export interface AffectedCaller {
  readonly kind: 'key' | 'client';
  readonly name: string;
  readonly version: string | undefined;
  /** Requests in the period. */
  readonly count: number;
  readonly lastSeen: string;
  readonly operations: readonly { readonly hash: string; readonly name: string | undefined; readonly count: number }[];
}

/** What usage says of a breaking change. */
export interface UsageFinding {
  /** Whether the change breaks nobody who counts. */
  readonly isExcused: boolean;
  /** One sentence: how much use there was in which period, or why nothing can be said. */
  readonly because: string;
  /** Its share of all requests of the period, from 0 to 1. */
  readonly share: number;
  readonly affected: readonly AffectedCaller[];
}

/** A reviewed exception that fits a finding. */
export interface FindingApproval {
  readonly approvers: readonly string[];
  readonly reason: string;
  /** The last day on which it holds, `2026-12-31`. */
  readonly until: string;
}

/** One finding. */
export interface Finding {
  readonly step: FindingStep;
  /** A code of `codes/`: `crm-graph schema check --explain CODE` prints its page. */
  readonly code: string;
  readonly verdict: Verdict;
  /** The schema coordinate, undefined where it is about none. */
  readonly coordinate: string | undefined;
  /** The subgraph that it stands in, undefined where several make it. */
  readonly subgraph: string | undefined;
  /** In which views clients see it: `graph` and names of contracts; empty where it is about no view. */
  readonly views: readonly string[];
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly place: Place | undefined;
  readonly message: Message;
  /** Names a change through pushes and rebases: 16 hexadecimal digits of code, coordinate, before and after. */
  readonly fingerprint: string;
  /** Whether it fails the check, after usage and approvals. */
  readonly fails: boolean;
  readonly usage?: UsageFinding;
  readonly approval?: FindingApproval;
}

/** What a check comes to: the form of `--format json`, described by `outputs/report.schema.json`. */
export interface CheckReport {
  readonly formatVersion: 1;
  readonly passed: boolean;
  /** What was compared with what, in words: a git ref with its commit, a folder, a published supergraph. */
  readonly compared: { readonly base: string; readonly head: string };
  readonly subgraphs: readonly string[];
  readonly contracts: readonly string[];
  /** The worst first, then by coordinate. */
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly durationMs: number;
}
