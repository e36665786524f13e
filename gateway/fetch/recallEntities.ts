// What one run takes from the entity cache and gives it: before a fetch the entities that are kept are put into the tree,
// and only the others are sent for; after it, what came without an error is offered to be kept.
import { isFields, type Fields } from '../compiledOperation.ts';
import type { RequestState } from '../requestState.ts';
import type { AskedEntities, EntityCache } from './entityCache.ts';
import { answerKey } from './joinFetches.ts';
import { parseForeign } from './parseAnswer.ts';
import type { FetchPart } from './representations.ts';

/** What recalling needs of its run. */
export interface RecallParts {
  readonly cache: EntityCache;
  readonly variables: Fields;
  readonly state: RequestState;
  /** The key in the tree → the client's alias. */
  readonly clientNameOf: (key: string) => string;
  /** Puts entities that are kept into the tree, by representation of the part. */
  readonly take: (part: FetchPart, values: readonly unknown[]) => void;
}

/** The part that holds those representations of another that `isChosen` says yes to. */
function choose(part: FetchPart, isChosen: (index: number) => boolean): FetchPart {
  const chosen: FetchPart = { step: part.step, objects: [], indexes: [], texts: [], context: part.context };
  const places = part.texts.map((text, index) => (isChosen(index) ? chosen.texts.push(text) - 1 : -1));
  part.objects.forEach((object, at) => {
    const place = places[part.indexes[at] ?? 0] ?? -1;
    if (place < 0) return;
    chosen.objects.push(object);
    chosen.indexes.push(place);
  });
  return chosen;
}

/** A kept text as the object that it is; undefined for what the store must have spoiled: it is fetched. */
function readKept(text: string): Fields | undefined {
  try {
    const value = parseForeign(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The cache, as one run uses it. */
export class Recall {
  private readonly parts: RecallParts;
  /** By what is asked: when it was looked for. */
  private readonly tickets = new Map<string, number | undefined>();

  constructor(parts: RecallParts) {
    this.parts = parts;
  }

  /** Takes a part that is ready; calls `done` with what of it has to be fetched, undefined where nothing has. */
  recall(part: FetchPart, done: (left: FetchPart | undefined) => void): void {
    const asked = this.askedOf(part);
    if (asked === undefined) {
      done(part);
      return;
    }
    this.parts.cache.find(asked, ({ values, ticket }) => {
      const { mark } = asked.rule;
      const known = this.tickets.get(mark);
      // Looked for twice, the older look counts.
      const isFirst = !this.tickets.has(mark);
      this.tickets.set(mark, isFirst || ticket === undefined ? ticket : known && Math.min(known, ticket));
      done(this.takeFound(part, values));
    });
  }

  private takeFound(part: FetchPart, values: readonly (string | undefined)[]): FetchPart | undefined {
    const read = values.map((value) => (value === undefined ? undefined : readKept(value)));
    const entities = read.filter((value) => value !== undefined);
    if (entities.length === 0) return part;
    this.explain(part, entities.length);
    if (entities.length === read.length) {
      this.parts.take(part, entities);
      return undefined;
    }
    this.parts.take(
      choose(part, (index) => read[index] !== undefined),
      entities,
    );
    return choose(part, (index) => read[index] === undefined);
  }

  private explain({ step }: FetchPart, entities: number): void {
    const { state, clientNameOf } = this.parts;
    if (state.explanation === undefined) return;
    state.explanation.recalled.push({ subgraph: step.subgraph, path: step.path.map(clientNameOf), entities });
  }

  /** When the entities of a request were looked for: an answer to an equal one may be kept by equal tickets alone. */
  asOf(parts: readonly FetchPart[]): string {
    const marks = parts.flatMap(({ step }) => step.cache?.mark ?? []);
    return marks.map((mark) => this.tickets.get(mark) ?? '').join(',');
  }

  /** Offers the data of an answer without errors, before anything is changed in it. */
  keep(parts: readonly FetchPart[], data: Fields): void {
    parts.forEach((part, position) => {
      const asked = this.askedOf(part);
      const ticket = asked && this.tickets.get(asked.rule.mark);
      if (asked === undefined || ticket === undefined) return;
      const values: unknown = part.step.entity === undefined ? [data] : data[answerKey(position, parts.length)];
      if (Array.isArray(values) && values.length === asked.texts.length) {
        this.parts.cache.keep(asked, values as readonly unknown[], ticket);
      }
    });
  }

  private askedOf({ step, texts, context }: FetchPart): AskedEntities | undefined {
    if (step.cache === undefined || context !== '') return undefined;
    const { variables, state } = this.parts;
    let given = '';
    for (const { name, from } of step.variables) {
      if (Object.hasOwn(variables, from)) given += `${name}:${JSON.stringify(variables[from])},`;
    }
    const isRoot = step.entity === undefined;
    return { subgraph: step.subgraph, rule: step.cache, variables: given, texts: isRoot ? [''] : texts, state };
  }
}
