// What an event type is: its name, whom it tells of, and the schema of its data. The types of a subgraph stand in its
// `events.ts`; docs/events.md and docs/asyncapi.yaml are printed from them, and a change of them is checked.
import { z } from 'zod';
import type { AggregateType } from '../../../contracts/event.ts';
import type { NewEvent } from '../../../sync/outbox/newEvent.ts';
import type { EntityDocument } from '../write/entityDocument.ts';

export type { NewEvent };

/** An event type as pages are printed from it. */
export interface EventSchema {
  /** `crm.<entity>.<what happened>.v<number>` */
  readonly type: string;
  readonly aggregate: AggregateType;
  /** A sentence for the pages. */
  readonly summary: string;
  /** Of `data`, without `personal`. */
  readonly data: z.ZodObject;
  /** Of what `personal` holds once it is unsealed; undefined: the event has nothing personal. */
  readonly personal: z.ZodObject | undefined;
}

/** Whom one event tells of. */
export interface EventSubject {
  readonly id: string;
  /** The entity's version after the change; 1 for what is never changed. */
  readonly version: number;
  /** The entities whose cached data the change makes old: `entityKey(type, id)`. */
  readonly keys: readonly string[];
}

type Shape = z.ZodRawShape;

/** The state that an event carries, in the form of its schema. */
export interface EventState<D extends Shape, P extends Shape> {
  readonly data: z.input<z.ZodObject<D>>;
  /** Absent where the type has nothing personal. */
  readonly personal?: { readonly customerId: string; readonly fields: z.input<z.ZodObject<P>> };
}

/** An event type that can make events. */
export interface EventType<D extends Shape, P extends Shape> extends EventSchema {
  /** Takes whom it tells of and the state; gives the event. Throws where the state does not fit the schema. */
  make(subject: EventSubject, state: EventState<D, P>): NewEvent;
}

/** What an event type is declared from. */
export interface EventDeclaration<D extends Shape, P extends Shape> {
  readonly type: string;
  readonly aggregate: AggregateType;
  readonly summary: string;
  readonly data: D;
  readonly personal?: P;
}

/** Declares an event type. */
export function eventType<D extends Shape, P extends Shape = Record<string, never>>(
  declaration: EventDeclaration<D, P>,
): EventType<D, P> {
  const { type, aggregate, summary } = declaration;
  const data = z.object(declaration.data);
  const personal = declaration.personal === undefined ? undefined : z.object(declaration.personal);
  return {
    type,
    aggregate,
    summary,
    data,
    personal,
    make({ id, version, keys }, state) {
      const event = { type, aggregate, id, version, keys: [...new Set(keys)], data: data.parse(state.data) };
      if (personal === undefined || state.personal === undefined) return event;
      const { customerId, fields } = state.personal;
      return { ...event, personal: { customerId, fields: personal.parse(fields) } };
    },
  };
}

/** What can happen to an entity that has a version. */
export type LifeStep = 'created' | 'changed' | 'deleted' | 'restored';

const STEPS: readonly LifeStep[] = ['created', 'changed', 'deleted', 'restored'];

/** The four event types of an entity's life. */
export type Lifecycle<D extends Shape, P extends Shape> = Readonly<Record<LifeStep, EventType<D, P>>>;

/** What the event types of a life are declared from; `steps` gives a step another name than its own. */
export interface LifecycleDeclaration<D extends Shape, P extends Shape> extends Omit<
  EventDeclaration<D, P>,
  'type' | 'summary'
> {
  /** The entity in the types' names, as `customer`. */
  readonly word: string;
  readonly steps?: Partial<Readonly<Record<LifeStep, string>>>;
}

/** Declares the four event types of an entity's life: all carry its whole state. */
export function lifecycle<D extends Shape, P extends Shape = Record<string, never>>(
  declaration: LifecycleDeclaration<D, P>,
): Lifecycle<D, P> {
  const { word, steps = {}, ...rest } = declaration;
  const types = STEPS.map((step) => {
    const name = steps[step] ?? step;
    const summary = `${declaration.aggregate}: ${name}. The whole state after it.`;
    return [step, eventType<D, P>({ ...rest, type: `crm.${word}.${name}.v1`, summary })];
  });
  return Object.fromEntries(types) as Lifecycle<D, P>;
}

/** Takes an entity as it was (undefined: not there) and as it is; says what happened to it. */
export function lifeStepOf(before: EntityDocument | undefined, after: EntityDocument): LifeStep {
  if (before === undefined) return 'created';
  if ((before.deletedAt === null) === (after.deletedAt === null)) return 'changed';
  return after.deletedAt === null ? 'restored' : 'deleted';
}
