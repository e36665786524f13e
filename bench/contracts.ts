// 50 different views of the CRM graph, for measuring what contracts cost: a supergraph whose fields carry tags of their
// own, and a contract for each tag. What golden queries ask for is in every view.
import type { TagFilter } from '../supergraph/composeContract.ts';

/** How many contracts are measured. */
export const CONTRACTS = 50;

/** A supergraph and contracts of which each shows another part of it. */
export interface ManyViews {
  readonly sdl: string;
  readonly contracts: ReadonlyMap<string, TagFilter>;
}

/** Takes a supergraph and the queries that are to fit every view; gives it with tags, and the contracts. */
export function drawViews(sdl: string, queries: readonly string[]): ManyViews {
  const asked = new Set(queries.flatMap((query) => query.match(/\w+/g) ?? []));
  let fields = 0;
  const tagged = sdl.replace(
    /^ {2}([a-z]\w*)(?:\(.*\))?: \[?\w+!?\]? @join__field\(graph: \w+\)/gm,
    (line, name: string) => (asked.has(name) ? line : `${line} @tag(name: "t${fields++ % CONTRACTS}")`),
  );
  const contracts = new Map(
    Array.from({ length: CONTRACTS }, (_, at) => [
      `partner${at}`,
      { include: new Set<string>(), exclude: new Set([`t${at}`]) },
    ]),
  );
  return { sdl: tagged, contracts };
}
