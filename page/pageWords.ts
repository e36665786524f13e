// What the page's server and its front end say to each other: the JSON of each answer. Types alone, so that the bundle
// takes nothing of the server.

/** A verdict of a check, as stored reports have it. */
export type ShownVerdict = 'error' | 'unsafe' | 'breaking' | 'dangerous' | 'warning' | 'safe';

/** An error, for people. */
export interface PageError {
  readonly what: string;
  readonly mend: string;
}

/** What is known of use: nothing is recorded, it is being read, it could not be read, or it is there. */
export type UseState =
  | { readonly kind: 'none' | 'reading' | 'failed'; readonly because: string }
  | {
      readonly kind: 'known';
      readonly from: string;
      readonly to: string;
      readonly requests: number;
      readonly gaps: number;
      /** Where the counts come from, in words. */
      readonly because: string;
    };

/** What stands above everything. */
export interface Overview {
  /** What is shown, in words: the working tree, a release, what a gateway serves. */
  readonly schema: { readonly name: string; readonly hash: string } | undefined;
  /** Why there is no schema. */
  readonly fault: PageError | undefined;
  readonly counts: { readonly types: number; readonly fields: number };
  readonly subgraphs: readonly string[];
  readonly contracts: readonly string[];
  /** Where releases come from; undefined where there is no store. */
  readonly store: string | undefined;
  readonly canCheckNow: boolean;
  readonly use: UseState;
}

/** A change in one sentence. */
export interface ToldChange {
  readonly verdict: ShownVerdict;
  readonly what: string;
  readonly coordinate: string | undefined;
}

/** What a check came to. */
export interface ReportBrief {
  readonly passed: boolean;
  readonly sentence: string;
  readonly counts: readonly { readonly verdict: ShownVerdict; readonly count: number }[];
}

/** A release, in words. */
export interface HistoryEntry {
  readonly number: number;
  readonly action: 'publish' | 'rollback';
  /** Of a rollback: the release whose schemas it put back. */
  readonly restores: number | undefined;
  readonly author: string;
  readonly at: string;
  readonly message: string;
  readonly commit: string | undefined;
  readonly hash: string;
  readonly loosenedBecause: string | undefined;
  readonly report: ReportBrief | undefined;
  /** Why there is no report. */
  readonly withoutReport: string | undefined;
  readonly changes: readonly ToldChange[];
  /** How many more changes there are. */
  readonly more: number;
}

/** Releases from the newest backwards. */
export interface History {
  readonly entries: readonly HistoryEntry[];
  /** Ask with `before` set to it for what follows; undefined at the end. */
  readonly next: number | undefined;
}

/** What an element is. */
export type ElementKind = 'object' | 'interface' | 'union' | 'enum' | 'input' | 'scalar' | 'field' | 'value';

/** One line of a search. */
export interface SearchHit {
  readonly coordinate: string;
  readonly kind: ElementKind;
  /** A field's type. */
  readonly type: string | undefined;
  readonly isDeprecated: boolean;
  readonly owners: readonly string[];
}

/** What a search found. */
export interface SearchPage {
  readonly hits: readonly SearchHit[];
  readonly total: number;
}

/** A subgraph that has an element, and how. */
export interface ShownOwner {
  readonly subgraph: string;
  /** In words: `resolves it`, `key id`. */
  readonly note: string;
}

/** What every element says of itself. */
export interface ElementFactsShown {
  readonly coordinate: string;
  readonly kind: ElementKind;
  readonly description: string | undefined;
  readonly deprecated: string | undefined;
  readonly isHidden: boolean;
  readonly owners: readonly ShownOwner[];
  /** In words what a caller needs, undefined where nothing. */
  readonly needs: string | undefined;
  /** The scopes that the words speak of. */
  readonly scopes: readonly string[];
  readonly tags: readonly string[];
  readonly contracts: readonly { readonly name: string; readonly isShown: boolean }[];
  readonly cost: { readonly points: number; readonly because: string } | undefined;
}

/** An argument. */
export interface ShownArgument {
  readonly coordinate: string;
  readonly name: string;
  readonly type: string;
  readonly typeName: string;
  readonly standard: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: string | undefined;
  readonly count: number | undefined;
}

/** A period of the chart; `to` is its end, exclusive. */
export interface UsePeriod {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** Who asked for an element. */
export interface ShownCaller {
  readonly kind: 'key' | 'client';
  readonly name: string;
  readonly version: string | undefined;
  readonly count: number;
  readonly lastSeen: string;
  readonly operations: readonly { readonly name: string; readonly count: number }[];
}

/** Who used an element when. */
export interface ShownUse {
  readonly state: UseState;
  readonly total: number;
  /** Of all requests, from 0 to 1. */
  readonly share: number;
  readonly periods: readonly UsePeriod[];
  readonly callers: readonly ShownCaller[];
  readonly callersTotal: number;
  /** All of it in words: what the chart shows to those who do not see it. */
  readonly sentence: string;
}

/** A field, input field or enum value, whole. */
export interface MemberPage extends ElementFactsShown {
  readonly parent: string;
  readonly name: string;
  readonly type: string | undefined;
  readonly typeName: string | undefined;
  readonly standard: string | undefined;
  readonly args: readonly ShownArgument[];
  readonly use: ShownUse;
}

/** A member in its type's list. */
export interface MemberBrief {
  readonly coordinate: string;
  readonly name: string;
  readonly type: string | undefined;
  readonly args: number;
  readonly description: string | undefined;
  readonly isDeprecated: boolean;
  readonly isHidden: boolean;
  readonly needsScopes: boolean;
  readonly owners: readonly string[];
  readonly tags: readonly string[];
  /** Requests; undefined where use is not known. */
  readonly count: number | undefined;
}

/** A type with a part of its members. */
export interface TypePage extends ElementFactsShown {
  readonly name: string;
  readonly members: readonly MemberBrief[];
  readonly membersTotal: number;
  readonly interfaces: readonly string[];
  /** Of a union its members, of an interface who implements it. */
  readonly possible: readonly string[];
  /** Some fields and arguments that give or take it. */
  readonly usedIn: readonly string[];
  readonly usedInTotal: number;
}

/** A caller that a change breaks. */
export interface ShownAffected {
  readonly name: string;
  readonly count: number;
  readonly lastSeen: string;
}

/** A finding with its five parts. */
export interface ShownFinding {
  readonly code: string;
  readonly verdict: ShownVerdict;
  readonly fails: boolean;
  readonly coordinate: string | undefined;
  readonly subgraph: string | undefined;
  readonly views: readonly string[];
  readonly place: string | undefined;
  readonly fingerprint: string;
  readonly what: string;
  readonly expected: string;
  readonly why: string;
  readonly mend: string;
  readonly read: string;
  /** What use says of it. */
  readonly because: string | undefined;
  readonly affected: readonly ShownAffected[];
  readonly approval: string | undefined;
}

/** A part of a report's findings, with what it came to. */
export interface ReportPage extends ReportBrief {
  readonly title: string;
  readonly compared: string;
  readonly findings: readonly ShownFinding[];
  /** Of those that were asked for. */
  readonly total: number;
}
