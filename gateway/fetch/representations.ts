// Entities are asked for in calls of bounded size: a longer list is split, its answers are put together again.
import type { SubgraphAnswer, SubgraphFetch } from '../requestState.ts';

/** Gives the representations that a fetch asks entities for; none for a fetch of root fields. */
export function representationsOf(fetch: SubgraphFetch): readonly Record<string, unknown>[] {
  const given = fetch.variables['representations'];
  return Array.isArray(given) ? (given as Record<string, unknown>[]) : [];
}

/** Takes a fetch; gives it in parts of at most `representationsMax` entities. */
export function splitFetch(fetch: SubgraphFetch, representationsMax: number): readonly SubgraphFetch[] {
  const all = representationsOf(fetch);
  if (all.length <= representationsMax) return [fetch];
  const parts: SubgraphFetch[] = [];
  for (let start = 0; start < all.length; start += representationsMax) {
    const representations = all.slice(start, start + representationsMax);
    parts.push({ ...fetch, variables: { ...fetch.variables, representations } });
  }
  return parts;
}

/** Takes the answers of a fetch's parts in order; gives one answer, as if the fetch had not been split. */
export function joinAnswers(answers: readonly SubgraphAnswer[], representationsMax: number): SubgraphAnswer {
  const [only] = answers;
  if (answers.length === 1 && only !== undefined) return only;
  const entities: unknown[] = [];
  const errors = answers.flatMap((answer, part) =>
    answer.errors.map((error) => {
      const [root, index, ...rest] = error.path ?? [];
      if (root !== '_entities' || typeof index !== 'number') return error;
      return { ...error, path: [root, index + part * representationsMax, ...rest] };
    }),
  );
  answers.forEach((answer, part) => {
    const got = answer.data?.['_entities'];
    const start = part * representationsMax;
    if (Array.isArray(got)) got.forEach((entity: unknown, index) => (entities[start + index] = entity));
    else entities.length = Math.max(entities.length, start + representationsMax);
  });
  return { data: { _entities: Array.from(entities, (entity): unknown => entity ?? null) }, errors };
}
