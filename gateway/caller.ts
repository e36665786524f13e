// Who calls, and what that caller may: made by the identify step, read by the steps after it. A caller is a key or a
// person, never both; with neither, nobody, who gets what is marked public alone.

/** What a caller may spend and ask. */
export interface CallerLimits {
  /** Cost points that come back each second. */
  readonly pointsPerSecond: number;
  /** Cost points that can be spent at once. */
  readonly pointsBurst: number;
  readonly requestsPerSecond: number;
  readonly concurrentRequestsMax: number;
  /** Cost points a day (UTC); undefined for no quota. */
  readonly pointsPerDay: number | undefined;
}

/** How a field that the caller may not see is answered: the whole operation is refused, or that field is null. */
export type DenialMode = 'refuse' | 'filter';

/** Who calls. */
export interface Caller {
  /** `open`: a graph served without keys; `nobody`: neither key nor token came. */
  readonly kind: 'key' | 'person' | 'nobody' | 'open';
  /** `key:<id>`, `person:<issuer hash>:<subject>`, `nobody` or `open`: for logs, limits, proofs and audit. Never a secret. */
  readonly id: string;
  /** As in `@requiresScopes`; compared exactly. */
  readonly scopes: ReadonlySet<string>;
  /** The view of the graph that the caller has; undefined for the whole of it. */
  readonly contract: string | undefined;
  readonly denial: DenialMode;
  /** Whether only operations of a manifest run. */
  readonly registeredOnly: boolean;
  readonly limits: CallerLimits | undefined;
  /** Equal texts, equal rights: scopes, contract, denial and policies' input. Work is shared among these alone. */
  readonly rights: string;
  /** Claims of a person's token, for `@policy` functions alone. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A caller on a graph that is served without keys. */
export const OPEN_CALLER: Caller = Object.freeze({
  kind: 'open',
  id: 'open',
  scopes: new Set<string>(),
  contract: undefined,
  denial: 'refuse',
  registeredOnly: false,
  limits: undefined,
  rights: 'open',
  claims: Object.freeze({}),
});
