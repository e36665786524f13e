// For unit tests of the plan and fetch steps: fetches by what a test is about, everything else of them plain.
import type { EntityFetch, FetchStep } from '../../gateway/compiledOperation.ts';

const NOTHING: readonly string[] = [];
let lastId = 0;

/** A fetch of root fields of a subgraph, with what a test says of it. */
export function rootStep(subgraph: string, more: Partial<FetchStep> = {}): FetchStep {
  return {
    kind: 'fetch',
    id: ++lastId,
    subgraph,
    isMutation: false,
    document: '{a}',
    bodyHead: `{"query":"{${subgraph}}","variables":{`,
    variables: [],
    path: [],
    entity: undefined,
    keysOf: () => NOTHING,
    renames: [],
    places: undefined,
    cache: undefined,
    ...more,
  };
}

/** A fetch of entities that can travel with others; its representation is `id` alone, unless a test says else. */
export function entityStep(
  subgraph: string,
  entity: Partial<EntityFetch> = {},
  more: Partial<FetchStep> = {},
): FetchStep {
  const own: EntityFetch = {
    reader: { read: ({ id }) => (id === undefined ? undefined : JSON.stringify({ id })), leavesOf: () => ['id'] },
    readMark: '',
    context: [],
    joinable: { variables: new Map(), selection: '{...on T{a}}' },
    without: () => undefined,
    ...entity,
  };
  return rootStep(subgraph, { entity: own, ...more });
}
