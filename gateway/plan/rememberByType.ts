// What is worked out once for each type that answers name. The names come from subgraphs: one that invents a new one
// with each object must not fill the memory, so only so many are remembered.

/** More types than any place of a schema has. */
const REMEMBERED_MAX = 1_000;

/** Takes what works something out of a type's name; gives the same, which works it out once. */
export function rememberByType<K extends string | undefined, T>(workOut: (typename: K) => T): (typename: K) => T {
  const known = new Map<K, T>();
  return (typename) => {
    const found = known.get(typename);
    if (found !== undefined || known.has(typename)) return found as T;
    const made = workOut(typename);
    if (known.size < REMEMBERED_MAX) known.set(typename, made);
    return made;
  };
}
