// The answers of subgraphs, taken into one tree. Nothing is believed: what is not data of the asked form is a failure at
// every place that waits for it, and an error is kept at the place that it names.
import type { ErrorCodeName } from '../../contracts/errorCodes.ts';
import { isFields, type CompiledOperation, type Failure, type FetchStep, type Fields } from '../compiledOperation.ts';
import type { RequestState } from '../requestState.ts';
import { FailureLog } from './failures.ts';
import { answerKey } from './joinFetches.ts';
import { applyRenames, mergeFields } from './mergeAnswer.ts';
import { parseAnswer, type GivenError } from './parseAnswer.ts';
import type { Recall } from './recallEntities.ts';
import type { FetchPart } from './representations.ts';
import { SharedEntities } from './shareEntities.ts';
import type { FetchOutcome } from './subgraphLinks.ts';

/** What a client may see of errors. */
export interface AnswerRules {
  readonly mask: (code: unknown, message: unknown) => { readonly code: ErrorCodeName; readonly message: string };
  readonly sentenceOf: (code: ErrorCodeName) => string;
}

/** What an answer tells beside its data. */
export interface TakenAnswer {
  readonly bytes: number;
  readonly extensions: unknown;
}

const NOTHING_TAKEN: TakenAnswer = { bytes: 0, extensions: undefined };
/** How many details of one run go to the log. */
const DETAILS_MAX = 20;

const CODE_PATTERN = /^[A-Z][A-Z0-9_]{0,63}$/;

/** An error for the log. A subgraph's words can quote the value that failed: they stay in its own log. */
function errorDetail(code: unknown): string {
  return typeof code === 'string' && CODE_PATTERN.test(code) ? `an error ${code}` : 'an error without a code';
}

function holdsObjects(entity: Fields): boolean {
  for (const key in entity) if (typeof entity[key] === 'object' && entity[key] !== null) return true;
  return false;
}

/** A copy of what came; undefined where that is nested deeper than can be copied, though not than can be read. */
function cloneOf<T>(value: T): T | undefined {
  try {
    return structuredClone(value);
  } catch {
    return undefined;
  }
}

/**
 * Takes the origins of a united part's objects and its entities; gives what an object gets. What stands beneath one place
 * may be asked for other things than what stands beneath another, so each has objects of its own (docs/decisions/0018).
 */
function ownEntities(origins: readonly number[], entities: readonly unknown[]) {
  const copies = new Map<number, Map<unknown, unknown>>();
  return (at: number, index: number): unknown => {
    const entity = entities[index];
    const origin = origins[at] ?? 0;
    if (origin === 0 || !isFields(entity) || !holdsObjects(entity)) return entity;
    let own = copies.get(origin);
    if (own === undefined) copies.set(origin, (own = new Map<unknown, unknown>()));
    let copy = own.get(entity);
    if (copy === undefined) own.set(entity, (copy = cloneOf(entity)));
    return copy;
  };
}

/** The errors of one part of an answer; those whose path begins nowhere in it could be any part's. */
function ownErrors(errors: readonly GivenError[], key: string, keys: readonly string[]): readonly GivenError[] {
  return errors.flatMap((error) => {
    const [first] = error.path;
    if (first === key) return error;
    return typeof first === 'string' && keys.includes(first) ? [] : { ...error, path: [] };
  });
}

/** Takes the answers of one run. */
export class AnswerTaker {
  readonly tree: Fields = {};
  readonly failures = new FailureLog();
  readonly shared = new SharedEntities();
  private readonly operation: CompiledOperation;
  private readonly state: RequestState;
  private readonly rules: AnswerRules;

  constructor(operation: CompiledOperation, state: RequestState, rules: AnswerRules) {
    this.operation = operation;
    this.state = state;
    this.rules = rules;
  }

  private note(subgraph: string, code: ErrorCodeName, detail: string): void {
    const { innerFaults } = this.state;
    if (innerFaults.length < DETAILS_MAX) innerFaults.push({ subgraph, code, detail: detail.slice(0, 300) });
  }

  /**
   * Takes what came of a request: its answer into the tree, or its failure to every place that waited for it. An answer
   * without errors is first offered to be kept.
   */
  take(parts: readonly FetchPart[], outcome: FetchOutcome, recall?: Recall): TakenAnswer {
    const [first] = parts;
    if (first === undefined) return NOTHING_TAKEN;
    const { subgraph, isMutation } = first.step;
    if ('code' in outcome) {
      this.note(subgraph, outcome.code, outcome.detail);
      for (const part of parts) this.failPart(part, outcome.code);
      return NOTHING_TAKEN;
    }
    const answer = parseAnswer(outcome.text);
    const taken = { bytes: outcome.bytes, extensions: answer?.extensions };
    const errors = answer?.errors ?? [];
    for (const { code, message } of errors) {
      this.note(subgraph, this.rules.mask(code, message).code, errorDetail(code));
    }
    if (!isFields(answer?.data)) {
      if (errors.length === 0) this.note(subgraph, 'SUBGRAPH_BAD_ANSWER', 'the answer has no data');
      this.takeNothing(parts, errors, isMutation ? 'OUTCOME_UNKNOWN' : 'SUBGRAPH_BAD_ANSWER');
      return taken;
    }
    const { data } = answer;
    if (errors.length === 0) recall?.keep(parts, data);
    const keys = parts.map((_, position) => answerKey(position, parts.length));
    parts.forEach((part, position) => {
      const key = keys[position] ?? '';
      if (part.step.entity === undefined) this.takeRoot(part, data, errors);
      else this.takeEntities(part, data[key], ownErrors(errors, key, keys), subgraph);
    });
    return taken;
  }

  /** Takes a part's values that were kept: whole, and without errors. */
  takeKept(part: FetchPart, values: readonly unknown[]): void {
    if (part.step.entity !== undefined) this.takeEntities(part, values, [], part.step.subgraph);
    else for (const value of values) if (isFields(value)) this.takeRoot(part, value, []);
  }

  /** No data at all: the subgraph's own errors where they say which field they mean, and every field that is missing. */
  private takeNothing(parts: readonly FetchPart[], errors: readonly GivenError[], without: ErrorCodeName): void {
    const [first] = errors;
    const masked = first && this.rules.mask(first.code, first.message);
    for (const part of parts) {
      const located = part.step.entity === undefined ? errors.filter(({ path }) => path.length > 0) : [];
      for (const error of located) {
        for (const object of part.objects) this.failures.markPath(object, error.path, this.failureOf(error));
      }
      this.failPart(part, masked?.code ?? without, masked?.message);
    }
  }

  private failureOf({ code, message }: GivenError): Failure {
    return { ...this.rules.mask(code, message), namesField: false, beneath: [] };
  }

  private failPart(part: FetchPart, code: ErrorCodeName, message = this.rules.sentenceOf(code)): void {
    const failure: Failure = { code, message, namesField: true, beneath: [] };
    for (const object of part.objects) this.failObject(part.step, object, failure);
  }

  /** Marks what a fetch should have brought to an object and did not; says whether anything was missing. */
  private failObject(step: FetchStep, object: Fields, failure: Failure): boolean {
    let isAnyMissing = false;
    const typename = step.entity === undefined ? undefined : object['__typename'];
    this.failType(object, failure);
    for (const key of step.keysOf(typeof typename === 'string' ? typename : undefined)) {
      if (object[key] !== undefined && object[key] !== null) continue;
      isAnyMissing = true;
      if (!this.failures.isFailed(object, key)) this.failures.mark(object, key, failure);
    }
    return isAnyMissing;
  }

  /** An object of which only an interface is known may have been about to be told its type. */
  private failType(object: Fields, failure: Failure): void {
    const typename = object['__typename'];
    if (typeof typename !== 'string' || !this.operation.isAbstract(typename)) return;
    if (!this.failures.isFailed(object, '__typename')) this.failures.mark(object, '__typename', failure);
  }

  private takeRoot(part: FetchPart, data: Fields, errors: readonly GivenError[]): void {
    const { step } = part;
    // An error names one place, and the same value may stand at another without one.
    if (step.places !== undefined && errors.length === 0) this.shared.shareWithin(data, step.places);
    if (step.renames.length > 0) applyRenames(data, step.renames, this.operation.isOfType);
    const keys = step.keysOf(undefined);
    // Each gets objects of its own, made before anything is merged into the first one's.
    const copies = part.objects.map((_, at) => (at === 0 ? data : cloneOf(data)));
    part.objects.forEach((object, at) => {
      const own = copies[at];
      if (own === undefined) this.failObject(step, object, this.badAnswer());
      else mergeFields(object, own, this.operation.isOfType);
      for (const error of errors) {
        // An error that says not where, or names what was not asked, belongs to the first field that is missing.
        const key = keys.find((each) => object[each] === undefined || object[each] === null);
        const named = this.renamed(step, error.path);
        const path = keys.includes(String(named[0])) ? named : key === undefined ? [] : [key];
        if (path.length > 0) this.failures.markPath(object, path, this.failureOf(error));
        else if (at === 0) this.failures.loose.push(this.failureOf(error));
      }
    });
  }

  /** An error's path with the names of the tree. */
  private renamed(step: FetchStep, path: readonly (string | number)[]): readonly (string | number)[] {
    if (step.renames.length === 0) return path;
    const names = new Map(step.renames.map((rename) => [rename.path.at(-1), rename.to]));
    return path.map((key) => (typeof key === 'string' ? (names.get(key) ?? key) : key));
  }

  private takeEntities(part: FetchPart, entities: unknown, errors: readonly GivenError[], subgraph: string): void {
    if (!Array.isArray(entities) || entities.length !== part.texts.length) {
      if (errors.length === 0) this.note(subgraph, 'SUBGRAPH_BAD_ANSWER', 'not as many entities as asked');
      this.takeNothing([part], errors, 'SUBGRAPH_BAD_ANSWER');
      return;
    }
    const { step } = part;
    const { isOfType } = this.operation;
    if (step.places !== undefined && errors.length === 0) this.shared.shareWithin(entities, step.places);
    if (step.renames.length > 0) {
      for (const entity of entities) if (isFields(entity)) applyRenames(entity, step.renames, isOfType);
    }
    const ownOf = part.origins === undefined ? undefined : ownEntities(part.origins, entities);
    part.objects.forEach((object, at) => {
      const index = part.indexes[at] ?? 0;
      const entity: unknown = ownOf === undefined ? entities[index] : ownOf(at, index);
      if (isFields(entity)) mergeFields(object, entity, isOfType);
      else if (entity !== null) this.failObject(step, object, this.badAnswer());
    });
    if (errors.length > 0) this.markErrors(part, entities, errors);
    part.objects.forEach((object, at) => {
      if (entities[part.indexes[at] ?? 0] === null) this.leaveUnknown(step, object);
    });
  }

  private badAnswer(): Failure {
    const code = 'SUBGRAPH_BAD_ANSWER';
    return { code, message: this.rules.sentenceOf(code), namesField: true, beneath: [] };
  }

  private markErrors(part: FetchPart, entities: readonly unknown[], errors: readonly GivenError[]): void {
    const { step, objects, indexes, texts } = part;
    // Those that say where they are first: the others then belong to what is still missing.
    const isLocated = ({ path }: GivenError): number => (typeof path[1] === 'number' && path[1] < texts.length ? 0 : 1);
    // One object may stand at several places of the tree; it is marked once.
    const byIndex = Map.groupBy(objects.keys(), (at) => indexes[at] ?? 0);
    let isAnyMissing: boolean | undefined;
    for (const error of [...errors].sort((left, right) => isLocated(left) - isLocated(right))) {
      const failure = this.failureOf(error);
      const [, index, ...rest] = this.renamed(step, error.path);
      if (typeof index !== 'number' || index >= texts.length) {
        // What is missing is marked for the first of these; where nothing is, they could mean anything.
        isAnyMissing ??= this.failObjects(step, new Set(objects), failure);
        if (!isAnyMissing) this.failures.loose.push(failure);
        continue;
      }
      for (const object of new Set((byIndex.get(index) ?? []).map((at) => objects[at] as Fields))) {
        if (!this.isAsked(step, object, rest)) {
          // What is known from elsewhere needs no word.
          this.failObject(step, object, failure);
          continue;
        }
        this.failures.markPath(object, rest, failure);
        this.failType(object, { ...failure, beneath: rest });
        // What else would have come with an entity that is gone for this error is missing for it too.
        if (entities[index] === null) this.failObject(step, object, { ...failure, namesField: true });
      }
    }
  }

  /** Whether a path begins with a field that a fetch asks of an object. */
  private isAsked(step: FetchStep, object: Fields, [first]: readonly (string | number)[]): boolean {
    const typename = object['__typename'];
    return (
      typeof first === 'string' && step.keysOf(typeof typename === 'string' ? typename : undefined).includes(first)
    );
  }

  private failObjects(step: FetchStep, objects: ReadonlySet<Fields>, failure: Failure): boolean {
    let isAnyMissing = false;
    for (const object of objects) if (this.failObject(step, object, failure)) isAnyMissing = true;
    return isAnyMissing;
  }

  /** A subgraph that does not know an entity has nothing to say of it: its fields are null, and that is no failure. */
  private leaveUnknown(step: FetchStep, object: Fields): void {
    const typename = object['__typename'];
    for (const key of step.keysOf(typeof typename === 'string' ? typename : undefined)) {
      if (object[key] === undefined && !this.failures.isFailed(object, key)) object[key] = null;
    }
  }
}
