// How clients use a schema, as the gateway counts it and the registry reads it: who asked for what, how often and when;
// never with which values. `crm-graph usage export` writes it as a file, so that a check needs no database.

/** Who asked: a partner's key by its id, or a program by the name and version that it says it has. */
export interface UsageCaller {
  readonly kind: 'key' | 'client';
  /** The key's id, or the client's name; `unknown` for who says nothing. */
  readonly name: string;
  /** The version that the program says it has; undefined where it says none. */
  readonly version: string | undefined;
}

/** One element of the schema in one operation of one caller, added up over the time of the export. */
export interface UsageRow {
  /**
   * `Type.field`, `Type.field(argument:)`, `Enum.VALUE`, `Input.field`, `@directive`, `@directive(argument:)`, or `Type`
   * for one that a fragment or a variable names (the schema coordinates of the GraphQL specification). Beside these
   * `Outer|Inner` for a fragment on one type within another, and `Input{}` for an object of an input type.
   */
  readonly coordinate: string;
  readonly caller: UsageCaller;
  /**
   * SHA-256 of the operation's text, in hexadecimal, and its name where it has one. The hash is `other` for operations
   * beyond the bound of how many are told apart: what they asked is counted, which one it was is not known.
   */
  readonly operation: { readonly hash: string; readonly name: string | undefined };
  /** The contract that the caller is bound to; undefined for the whole graph. */
  readonly contract: string | undefined;
  /** How many requests. */
  readonly count: number;
  /** ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** A time without counts, in ISO 8601: what was asked then is not known. */
export interface UsageGap {
  readonly from: string;
  readonly to: string;
}

/** What was counted from one moment to another. */
export interface UsageExport {
  readonly formatVersion: 1;
  readonly from: string;
  readonly to: string;
  readonly gaps: readonly UsageGap[];
  /** All requests of that time, also those that asked for nothing in `rows`. */
  readonly requests: number;
  readonly rows: readonly UsageRow[];
}
