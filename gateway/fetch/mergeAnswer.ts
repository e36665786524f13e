// One answer into the tree: values where none were, objects into objects. Objects of an answer may be shared by every
// place of the tree that stands for the same entity: what comes later is the same for all of them.
import { isFields, type Fields, type OutputRename } from '../compiledOperation.ts';

/** Says whether an object of the first type fulfils a condition on the second. */
export type TypeCheck = (typename: string, condition: string) => boolean;

/** No operation asks so deep: what a subgraph nests deeper stands as it came first (G5). */
const DEPTH_MAX = 200;

function mergeLists(target: unknown[], incoming: readonly unknown[], isOfType: TypeCheck, depth: number): void {
  if (depth > DEPTH_MAX) return;
  for (let index = 0; index < target.length; index++) {
    const present = target[index];
    const value = incoming[index];
    if (Array.isArray(present) && Array.isArray(value)) mergeLists(present, value, isOfType, depth + 1);
    else if (isFields(present) && isFields(value)) mergeFields(present, value, isOfType, depth + 1);
    else if (present === null) target[index] = value;
  }
}

/** Adds an answer's fields to an object of the tree. A value is never replaced by null, nor a type by its interface. */
export function mergeFields(target: Fields, incoming: Fields, isOfType: TypeCheck, depth = 0): void {
  if (depth > DEPTH_MAX) return;
  for (const key in incoming) {
    const value = incoming[key];
    const present = target[key];
    // Data holds no functions: one is what every object has by this name (`constructor`).
    if (present === undefined || present === null || typeof present === 'function') target[key] = value;
    else if (present === value) continue;
    else if (typeof present !== 'object') {
      // A subgraph that knows an interface alone (@interfaceObject) names that; another one knows the type.
      const isType = key === '__typename' && typeof value === 'string' && typeof present === 'string';
      if (isType && isOfType(value, present)) target[key] = value;
    } else if (Array.isArray(present)) {
      if (Array.isArray(value) && value.length === present.length) mergeLists(present, value, isOfType, depth + 1);
    } else if (isFields(value)) mergeFields(present as Fields, value, isOfType, depth + 1);
  }
}

const ON_TYPE = '... on ';

function renameAt(
  value: unknown,
  path: readonly string[],
  at: number,
  rename: OutputRename,
  isOfType: TypeCheck,
): void {
  if (Array.isArray(value)) {
    for (const item of value.flat(DEPTH_MAX)) if (isFields(item)) renameAt(item, path, at, rename, isOfType);
    return;
  }
  const step = path[at];
  if (!isFields(value) || step === undefined) return;
  if (step.startsWith(ON_TYPE)) {
    const typename = value['__typename'];
    if (typeof typename !== 'string' || isOfType(typename, step.slice(ON_TYPE.length))) {
      renameAt(value, path, at + 1, rename, isOfType);
    }
  } else if (at < path.length - 1) renameAt(value[step], path, at + 1, rename, isOfType);
  else if (value[step] !== undefined) {
    value[rename.to] = value[step];
    Reflect.deleteProperty(value, step);
  }
}

/** Gives keys that the planner renamed for one fetch their names in the tree back. */
export function applyRenames(data: Fields, renames: readonly OutputRename[], isOfType: TypeCheck): void {
  for (const rename of renames) renameAt(data, rename.path, 0, rename, isOfType);
}
