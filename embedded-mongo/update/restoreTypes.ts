// A pipeline update computes with plain numbers. What it left as it was gets its BSON type back from the document before.
import { equalValues } from '../values/compare.ts';
import { isDoc } from '../values/kinds.ts';
import { ownValue } from '../values/path.ts';

/** Takes a value before, the same as plain values, and the plain result; gives the result with the types it had. */
export function restoreTypes(exact: unknown, plain: unknown, after: unknown): unknown {
  if (plain !== undefined && after !== undefined && equalValues(plain, after)) return exact;
  if (isDoc(exact) && isDoc(plain) && isDoc(after)) {
    return Object.fromEntries(
      Object.entries(after).map(([name, value]) => [
        name,
        restoreTypes(ownValue(exact, name), ownValue(plain, name), value),
      ]),
    );
  }
  if (Array.isArray(exact) && Array.isArray(plain) && Array.isArray(after)) {
    return (after as unknown[]).map((value, at) => restoreTypes(exact[at], plain[at], value));
  }
  return after;
}
