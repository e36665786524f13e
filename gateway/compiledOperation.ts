// What an operation is compiled to, once: the steps that fetch, and the shape that answers. The plan step makes it, the
// fetch step runs the steps into one tree of subgraph data, the respond step writes the answer out of that tree.
import type { FieldNode } from 'graphql';
import type { ErrorCodeName } from '../contracts/errorCodes.ts';
import type { PlanTree, Refusal } from './requestState.ts';

/** An object of subgraph data. */
export type Fields = Record<string, unknown>;

/** Says whether a value is an object of data, and no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A variable of a fetch: its name in the fetch's document, and the client's name for it. */
export interface FetchVariable {
  readonly name: string;
  readonly from: string;
}

/** Why a representation cannot be made: the fields of the entity that failed or are absent. */
export interface UnreadableEntity {
  readonly lacking: readonly string[];
}

/** Reads out of an entity what a subgraph needs to know it again. */
export interface RepresentationReader {
  /** Gives the representation as JSON text, undefined where the fetch is not about this entity, or what is lacking. */
  read(entity: Fields, isFailed: FailureCheck | undefined): string | UnreadableEntity | undefined;
  /**
   * The keys that make up the representation of a type, where it is nothing but their values: equal values are equal
   * entities then. Undefined where it is more than that.
   */
  leavesOf(typename: string): readonly string[] | undefined;
}

/** Says whether a field of an object failed, so that nothing may be worked out from its null. */
export type FailureCheck = (object: object, key: string | number) => boolean;

/** A value found above an entity that goes into a variable of its fetch (@fromContext). */
export interface ContextValue {
  readonly variable: string;
  /** Steps from the entity: `..` is the object above, `... on T` holds for that type alone. */
  readonly path: readonly string[];
}

/** A key that the planner renamed within a fetch, and what it is called in the tree. */
export interface OutputRename {
  readonly path: readonly string[];
  readonly to: string;
}

/** What is peculiar to a fetch of entities. */
export interface EntityFetch {
  readonly reader: RepresentationReader;
  /** Fetches with equal marks read the same out of the same objects. */
  readonly readMark: string;
  readonly context: readonly ContextValue[];
  /** Two fetches can go as one request: what each brings to it; undefined where it has to go alone. */
  readonly joinable: { readonly variables: ReadonlyMap<string, string>; readonly selection: string } | undefined;
  /** The same fetch without the fields that need what is lacking; undefined where nothing is left of it. */
  without(lacking: readonly string[]): FetchStep | undefined;
}

/** A place in the answer to a fetch at which objects stand, as far as entities stand there or beneath. */
export interface AnswerPlace {
  /** The fields beneath which entities stand. */
  readonly inner: readonly (readonly [key: string, place: AnswerPlace])[];
  /** A field that tells entities of this place apart; undefined where the objects are not told apart. */
  readonly key: string | undefined;
  /** All fields that are asked here: where they are equal, the entities are. */
  readonly fields: readonly string[];
}

/** A place in an answer at which entities are named by their ids, or beneath which they are. */
export interface IdPlace {
  readonly keys: readonly string[];
  readonly inner: readonly (readonly [key: string, place: IdPlace])[];
}

/** How the answers to a fetch are kept: each entity on its own, an answer of root fields as one. */
export interface CacheRule {
  /** What is asked: equal marks, equal selections. */
  readonly mark: string;
  readonly maxAgeMs: number;
  /** Whether it is kept for one caller alone. */
  readonly isPrivate: boolean;
  /** Types of whose entities any change makes it old. */
  readonly changedBy: readonly string[];
  /** Where the ids of the entities are whose data it holds. */
  readonly ids: IdPlace;
}

/** One fetch of a plan. */
export interface FetchStep {
  readonly kind: 'fetch';
  readonly id: number;
  readonly subgraph: string;
  readonly isMutation: boolean;
  readonly document: string;
  /** The request's body up to its variables: `{"query":…,"variables":{`. */
  readonly bodyHead: string;
  readonly variables: readonly FetchVariable[];
  /** Where in the tree its objects are; `@` stands for every element of a list. */
  readonly path: readonly string[];
  /** Undefined for a fetch of root fields. */
  readonly entity: EntityFetch | undefined;
  /** The keys that it brings to an object of a type. */
  keysOf(typename: string | undefined): readonly string[];
  readonly renames: readonly OutputRename[];
  /** Where entities stand beneath its objects; undefined where none do. */
  readonly places: AnswerPlace | undefined;
  /** How its answers are kept; undefined where they are not. */
  readonly cache: CacheRule | undefined;
}

/** What runs one after the other, or at once. */
export type PlanStep = FetchStep | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly PlanStep[] };

/** What a leaf has to be. */
export type LeafKind = 'String' | 'ID' | 'Int' | 'Float' | 'Boolean' | 'any' | ReadonlySet<string>;

/** What a value of the answer is made from. */
export type ValueShape =
  | {
      readonly kind: 'leaf';
      readonly nullable: boolean;
      readonly leaf: LeafKind;
      /** Whether some values are hidden from the caller: those are null, and nothing is said. */
      readonly hidesSome: boolean;
    }
  | { readonly kind: 'list'; readonly nullable: boolean; readonly item: ValueShape }
  | {
      readonly kind: 'object';
      readonly nullable: boolean;
      readonly object: ObjectShape;
      /** Whether some types are hidden from the caller: objects of those are null, and nothing is said. */
      readonly hidesSome: boolean;
    }
  | { readonly kind: 'typename'; readonly nullable: false }
  /** The caller may not see it: it is not fetched, and null with an error. */
  | { readonly kind: 'denied'; readonly nullable: boolean; readonly failure: Failure }
  /** Introspection: answered by the schema, not out of the tree; undefined where an argument's value is not allowed. */
  | { readonly kind: 'schema'; readonly nullable: boolean; readonly answer: (variables: Fields) => unknown };

/** A field of the answer: the client's name for it, and where it stands in the tree. */
export interface FieldShape {
  readonly key: string;
  /** How it begins as the first of an object, and behind another. */
  readonly opening: string;
  readonly following: string;
  readonly source: string;
  readonly value: ValueShape;
}

/** What an object of the answer is made from, by what type it turns out to be. */
export interface ObjectShape {
  /** The type, where it can be but one. */
  readonly onlyType: string | undefined;
  /** The fields, in the client's order; undefined where the type cannot stand here. */
  fieldsOf(typename: string | undefined): readonly FieldShape[] | undefined;
  /** The field that stands under a key in the tree, of whatever type. */
  find(source: string): FieldShape | undefined;
}

/** The fetches of a plan that travel together: by fetch, the number of its set; and the size of each set. */
export interface FetchSchedule {
  readonly setOf: ReadonlyMap<FetchStep, number>;
  readonly sizes: readonly number[];
}

/** Fields as written that the caller may not see, with what is told of each. */
export interface DeniedFields {
  /** Equal keys, equal fields. */
  readonly key: string;
  readonly failures: ReadonlyMap<FieldNode, Failure>;
}

/** A valid operation: compiled for the outcome of its conditions when a request has that outcome. */
export interface PreparedOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly hasVariables: boolean;
  /** Takes the variables as received; gives them coerced, or the public sentences of what is wrong with them. */
  coerceVariables(given: Fields): { readonly coerced: Fields } | { readonly wrong: readonly string[] };
  /**
   * Takes coerced variables and what the caller may not see; gives the operation under the conditions that they set,
   * without what is denied, or the refusal.
   */
  variantFor(
    coerced: Fields,
    denied?: DeniedFields,
  ): CompiledOperation | Refusal | Promise<CompiledOperation | Refusal>;
  /** The values of the deciding variables that it is compiled for. */
  outcomes(): readonly Fields[];
}

/** An operation under one outcome of its conditions, ready to run any number of times. */
export interface CompiledOperation {
  readonly kind: 'query' | 'mutation';
  readonly plan: PlanStep | undefined;
  /** Which fetches travel together; undefined where there is no plan. */
  readonly schedule: FetchSchedule | undefined;
  /** The plan for people. */
  readonly planTree: PlanTree | undefined;
  /** Says whether an object of the first type fulfils a condition on the second. */
  readonly isOfType: (typename: string, condition: string) => boolean;
  /** Says whether a type is one that an object cannot have itself. */
  readonly isAbstract: (typename: string) => boolean;
  /** The key in the tree → the client's alias. */
  readonly clientNameOf: (key: string) => string;
  readonly shape: ObjectShape;
}

/** Why a place of the tree has no value: masked, as the client may read it. */
export interface Failure {
  readonly code: ErrorCodeName;
  readonly message: string;
  /** Whether the message is said of the field by name: `score: …`. */
  readonly namesField: boolean;
  /** What the caller lacks: any one of these lists would do. */
  readonly scopes?: readonly (readonly string[])[];
  /** Steps beneath the place, as the subgraph gave them: nulls travel up from where the error was. */
  readonly beneath: readonly (string | number)[];
}

/** The failures of a run, by the object and the key where the value should be. */
export type FailureMap = Map<object, Map<string | number, Failure[]>>;

/** Tells objects that stand at several places of the tree. */
export interface SharedObjects {
  readonly isEmpty: boolean;
  has(object: object): boolean;
}

/** What running a plan gave. */
export interface ExecutedPlan {
  readonly tree: Fields;
  readonly shared: SharedObjects;
  /** Undefined when nothing failed. */
  readonly failures: FailureMap | undefined;
  /** Errors that belong to no place. */
  readonly loose: readonly Failure[];
}
