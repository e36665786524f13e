// Fetches of entities that go to one subgraph at the same moment travel in one request: those that ask the same of
// other places of the tree as one list of entities, the others each under an alias and a variable of its own. What is
// alike in every such request of an operation is printed once.
import type { FetchStep } from '../compiledOperation.ts';
import type { FetchPart } from './representations.ts';

/** A request that is ready to be written: one part, or several that travel together. */
export interface JoinedParts {
  readonly parts: readonly FetchPart[];
  /** What the parts were made from: those that ask the same of other places are one part. */
  readonly origins: readonly FetchPart[];
  /** The body up to its variables. */
  readonly bodyHead: string;
}

/** The key under which the answer to the part at a position stands. */
export function answerKey(position: number, count: number): string {
  return count === 1 ? '_entities' : `entities${position}`;
}

/** The variable that carries the representations of the part at a position. */
export function representationsVariable(position: number, count: number): string {
  return count === 1 ? 'representations' : `representations${position}`;
}

function printJoined(steps: readonly FetchStep[]): string {
  const variables = new Map<string, string>();
  const fields = steps.map((step, position) => {
    const { joinable } = step.entity ?? {};
    if (joinable === undefined) throw new Error('a fetch that goes alone was joined');
    for (const [name, definition] of joinable.variables) variables.set(name, definition);
    const variable = representationsVariable(position, steps.length);
    variables.set(variable, `$${variable}:[_Any!]!`);
    return `${answerKey(position, steps.length)}:_entities(representations:$${variable})${joinable.selection}`;
  });
  const document = `query(${[...variables.values()].join(',')}){${fields.join(' ')}}`;
  return `{"query":${JSON.stringify(document)},"variables":{`;
}

/** The heads of joined requests, kept as long as the operation whose fetches they join. */
const heads = new WeakMap<FetchStep, Map<string, string>>();

function headOf(steps: readonly FetchStep[]): string {
  const [first] = steps;
  if (first === undefined) throw new Error('no fetch to join');
  if (steps.length === 1) return first.bodyHead;
  const known = heads.get(first) ?? new Map<string, string>();
  heads.set(first, known);
  const key = steps.map(({ id }) => id).join(' ');
  const head = known.get(key) ?? printJoined(steps);
  known.set(key, head);
  return head;
}

/** Parts that ask the same, as one part with each entity once. */
function unite(parts: readonly FetchPart[]): FetchPart {
  const [first] = parts;
  if (first === undefined) throw new Error('no part to unite');
  if (parts.length === 1) return first;
  const origins: number[] = [];
  const united: FetchPart = { step: first.step, objects: [], indexes: [], texts: [], context: '', origins };
  const known = new Map<string, number>();
  for (const [origin, { objects, indexes, texts }] of parts.entries()) {
    const own = texts.map((text) => {
      const index = known.get(text) ?? united.texts.push(text) - 1;
      known.set(text, index);
      return index;
    });
    for (let at = 0; at < objects.length; at++) {
      const object = objects[at];
      if (object === undefined) continue;
      united.objects.push(object);
      united.indexes.push(own[indexes[at] ?? 0] ?? 0);
      origins.push(origin);
    }
  }
  return united;
}

/** The parts of a request, those that ask the same united. */
function uniteAlike(parts: readonly FetchPart[]): FetchPart[] {
  const alike = new Map<string, FetchPart[]>();
  for (const part of parts) {
    const { step } = part;
    const isPlain = step.entity?.joinable !== undefined && step.renames.length === 0;
    const key = isPlain ? `+${step.entity.joinable.selection}` : String(step.id);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [part]);
    else group.push(part);
  }
  return [...alike.values()].map(unite);
}

/** Takes parts that are ready at once; gives the requests to send for them, with at most so many entities each. */
export function joinParts(ready: readonly FetchPart[], representationsMax: number): JoinedParts[] {
  const groups: { origins: FetchPart[]; count: number }[] = [];
  const open = new Map<string, { origins: FetchPart[]; count: number }>();
  for (const part of ready) {
    const { step, texts } = part;
    const alone = { origins: [part], count: texts.length };
    const group = open.get(step.subgraph);
    if (step.entity?.joinable === undefined || texts.length > representationsMax) groups.push(alone);
    else if (group !== undefined && group.count + texts.length <= representationsMax) {
      group.origins.push(part);
      group.count += texts.length;
    } else {
      groups.push(alone);
      open.set(step.subgraph, alone);
    }
  }
  return groups.map(({ origins }) => {
    const parts = origins.length === 1 ? origins : uniteAlike(origins);
    return { parts, origins, bodyHead: headOf(parts.map(({ step }) => step)) };
  });
}
