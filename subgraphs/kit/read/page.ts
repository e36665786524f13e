// Relay connections over MongoDB: a page is the rows after a cursor in a total order (the id breaks ties), so that a
// cursor stays right whatever is inserted before it. Cursors are checked like any input: they come from outside.
import { within, type Condition } from './operators.ts';
import { refuse } from '../refuse.ts';

const PAGE_SIZE_MAX = 100;
const CURSOR_LENGTH_MAX = 1_000;

type SortValue = string | number | Date;

/** A total order: a field and a direction, and the id in the same direction; `index` is the index that has it. */
export interface Ordering {
  readonly name: string;
  readonly field: string;
  readonly direction: 1 | -1;
  readonly kind: 'date' | 'text' | 'number';
  readonly index: string;
}

/** What a client asks of a connection. */
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** What a store needs to read one page. */
export interface PageRequest {
  readonly first: number;
  readonly ordering: Ordering;
  /** Holds for the rows after the cursor; empty without one. */
  readonly after: Condition;
  readonly hasCursor: boolean;
}

/** A connection as resolvers give it; `totalCount` is counted only when it is asked for. */
export interface Connection<D> {
  readonly edges: readonly { cursor: string; node: D }[];
  readonly pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  readonly totalCount: () => Promise<number>;
}

/** Takes a page size from outside; gives it. Refuses what is below 1 or above 100. */
export function readFirst(first: number | null | undefined): number {
  const size = first ?? 20;
  if (size >= 1 && size <= PAGE_SIZE_MAX) return size;
  throw refuse('PAGE_TOO_LARGE', `first must be from 1 to ${PAGE_SIZE_MAX}.`);
}

/** Takes the values of an `orderBy` list and the orderings by their names; gives the one to use. */
export function readOrdering<N extends string>(
  orderBy: readonly N[] | null | undefined,
  orderings: Readonly<Record<N, Ordering>>,
  fallback: N,
): Ordering {
  if (orderBy != null && orderBy.length > 1) {
    throw refuse('BAD_USER_INPUT', 'orderBy takes one value: no index holds a combination.');
  }
  return orderings[orderBy?.[0] ?? fallback];
}

function readCursorValue(kind: Ordering['kind'], value: unknown): SortValue | undefined {
  if (kind === 'date') {
    const moment = typeof value === 'number' ? new Date(value) : undefined;
    return moment !== undefined && !Number.isNaN(moment.getTime()) ? moment : undefined;
  }
  if (kind === 'text') return typeof value === 'string' ? value : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function readCursor(ordering: Ordering, cursor: string): { value: SortValue; id: string } {
  try {
    if (cursor.length > CURSOR_LENGTH_MAX) throw new Error('too long');
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [name, raw, id] = Array.isArray(parts) ? (parts as unknown[]) : [];
    const value = readCursorValue(ordering.kind, raw);
    if (name === ordering.name && value !== undefined && typeof id === 'string') return { value, id };
  } catch {
    // falls through to the one refusal: why a cursor is wrong is of no use to a client
  }
  throw refuse('INVALID_CURSOR', 'The cursor was not made by this field in this order.');
}

/** Takes an ordering and a row; gives the cursor that stands behind the row. */
export function makeCursor(ordering: Ordering, row: object & { _id: string }): string {
  const value: unknown = Reflect.get(row, ordering.field);
  const plain = value instanceof Date ? value.getTime() : value;
  return Buffer.from(JSON.stringify([ordering.name, plain, row._id])).toString('base64url');
}

/** Takes what a client asks and the order; gives what a store needs. Refuses bad sizes and cursors. */
export function readPage(args: PageArgs, ordering: Ordering): PageRequest {
  const first = readFirst(args.first);
  if (args.after == null) return { first, ordering, after: {}, hasCursor: false };
  const { value, id } = readCursor(ordering, args.after);
  const beyond = ordering.direction === 1 ? 'gt' : 'lt';
  const { field } = ordering;
  // The first condition bounds the index; the second drops the rows up to the cursor among equal values.
  const after = {
    [field]: within({ [`${beyond}e`]: value }),
    $or: [{ [field]: within({ [beyond]: value }) }, { _id: within({ [beyond]: id }) }],
  };
  return { first, ordering, after, hasCursor: true };
}

/** Gives the sort of a page's query. */
export function sortOf({ field, direction }: Ordering): Record<string, 1 | -1> {
  return { [field]: direction, _id: direction };
}

/** Takes up to `first + 1` rows and how to count all; gives the connection. */
export function makeConnection<D extends { _id: string }>(
  page: PageRequest,
  rows: readonly D[],
  totalCount: () => Promise<number>,
): Connection<D> {
  const nodes = rows.slice(0, page.first);
  const cursorOf = (node: D | undefined): string | null =>
    node === undefined ? null : makeCursor(page.ordering, node);
  return {
    // Made when they are read: of ten thousand connections most may be refused before that (answerBudget.ts).
    get edges() {
      return nodes.map((node) => ({ cursor: makeCursor(page.ordering, node), node }));
    },
    pageInfo: {
      hasNextPage: rows.length > page.first,
      hasPreviousPage: page.hasCursor,
      startCursor: cursorOf(nodes[0]),
      endCursor: cursorOf(nodes.at(-1)),
    },
    totalCount,
  };
}
