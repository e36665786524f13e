// When two answers are the same: equal data to the byte, and errors at the same places. Where GraphQL leaves open which
// of several errors under one nulled parent is told, only the place of the null counts.

/** The parts of an answer that are compared. */
export interface ComparedAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly path?: readonly (string | number)[] | undefined }[];
}

/** The place of the null that an error path leads to, or the path itself where there is none on it. */
function placeOf(data: unknown, path: readonly (string | number)[] | undefined): string {
  if (path === undefined) return 'no path';
  let value = data;
  const walked: (string | number)[] = [];
  for (const step of path) {
    if (value === null) return JSON.stringify(walked);
    walked.push(step);
    value = typeof value === 'object' ? (value as Record<string | number, unknown>)[step] : undefined;
  }
  // A path to something that is no null can not stand for a lost value.
  return value === null ? JSON.stringify(walked) : `${JSON.stringify(walked)} (no null there)`;
}

/** The distinct places of an answer's errors, in order. */
export function errorPlaces(answer: ComparedAnswer): readonly string[] {
  const places = (answer.errors ?? []).map((error) => placeOf(answer.data ?? null, error.path));
  return [...new Set(places)].sort();
}

/** Gives what differs, in a few words; undefined where nothing does. */
export function compareAnswers(expected: ComparedAnswer, given: ComparedAnswer): string | undefined {
  if (JSON.stringify(expected.data) !== JSON.stringify(given.data)) return 'data differs';
  const wanted = errorPlaces(expected);
  const told = errorPlaces(given);
  const missing = wanted.filter((place) => !told.includes(place));
  const extra = told.filter((place) => !wanted.includes(place));
  if (missing.length === 0 && extra.length === 0) return undefined;
  return `errors differ: missing ${missing.join(' ') || 'none'}, too many ${extra.join(' ') || 'none'}`;
}
