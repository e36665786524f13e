// Fetches of entities that are ready at the same moment and go to one subgraph travel in one request: each under an
// alias and a variable of its own. What is alike in every request of such a group is printed once.
import type { FetchStep } from '../compiledOperation.ts';
import type { FetchPart } from './representations.ts';

/** Requests that are ready to be written: one part, or several that travel together. */
export interface JoinedParts {
  readonly parts: readonly FetchPart[];
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
  let known = heads.get(first);
  if (known === undefined) heads.set(first, (known = new Map()));
  const key = steps.map(({ id }) => id).join(' ');
  let head = known.get(key);
  if (head === undefined) known.set(key, (head = printJoined(steps)));
  return head;
}

/** Takes parts that are ready at once; gives the requests to send for them, with at most so many entities each. */
export function joinParts(ready: readonly FetchPart[], representationsMax: number): JoinedParts[] {
  const groups: { parts: FetchPart[]; count: number }[] = [];
  const open = new Map<string, { parts: FetchPart[]; count: number }>();
  for (const part of ready) {
    const { step, texts } = part;
    const alone = { parts: [part], count: texts.length };
    const group = open.get(step.subgraph);
    if (step.entity?.joinable === undefined || texts.length > representationsMax) groups.push(alone);
    else if (group !== undefined && group.count + texts.length <= representationsMax) {
      group.parts.push(part);
      group.count += texts.length;
    } else {
      groups.push(alone);
      open.set(step.subgraph, alone);
    }
  }
  return groups.map(({ parts }) => ({ parts, bodyHead: headOf(parts.map(({ step }) => step)) }));
}
