// From a message to an event, or to the reason why it is none. The first step of a consumer: what fails here is parked
// at once, since trying again cannot mend it.
import { MESSAGE_BYTES_MAX } from '../brokers/broker.ts';
import type { GraphEvent } from '../../contracts/event.ts';
import type { ConsumedType } from './definition.ts';

/** Why an event stands in `parked`. */
export type ParkReason = 'malformed' | 'unknownVersion' | 'triesOver' | 'gap';

/** What a message is to a consumer. */
export type ReadEvent =
  | { readonly is: 'event'; readonly event: GraphEvent }
  /** Of a type that the consumer does not name. */
  | { readonly is: 'other'; readonly event: GraphEvent }
  | { readonly is: 'bad'; readonly reason: ParkReason; readonly message: string; readonly event?: GraphEvent };

const TEXTS = ['id', 'source', 'type', 'subject', 'time', 'tenantid'] as const;
const SEQUENCE = /^[0-9]{10}$/;
const TYPE = /^(.+)\.v[1-9][0-9]*$/;

function malformed(message: string): ReadEvent {
  return { is: 'bad', reason: 'malformed', message };
}

function envelopeFault(value: object): string | undefined {
  for (const name of TEXTS) {
    const text: unknown = Reflect.get(value, name);
    if (typeof text !== 'string' || text === '' || text.length > 500)
      return `${name} is no text of 1 to 500 characters`;
  }
  const { specversion, sequence, data } = value as Record<string, unknown>;
  if (specversion !== '1.0') return 'specversion is not 1.0';
  if (typeof sequence !== 'string' || !SEQUENCE.test(sequence) || Number(sequence) < 1) {
    return 'sequence is not a version of ten digits from 1';
  }
  return data === null || typeof data !== 'object' ? 'data is no object' : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The names of a consumer's types without their schema version. */
export function familiesOf(types: Readonly<Record<string, ConsumedType>>): ReadonlySet<string> {
  return new Set(Object.keys(types).map((type) => TYPE.exec(type)?.[1] ?? type));
}

/** Takes a message's text and the types that a consumer knows; gives what it is. Never throws. */
export function readEvent(
  text: string,
  types: Readonly<Record<string, ConsumedType>>,
  families: ReadonlySet<string>,
): ReadEvent {
  if (text.length > MESSAGE_BYTES_MAX) return malformed('the message is too long');
  const value = parse(text);
  if (value === null || typeof value !== 'object') return malformed('the message is no JSON object');
  const fault = envelopeFault(value);
  if (fault !== undefined) return malformed(fault);
  const event = value as GraphEvent;
  const known = Object.hasOwn(types, event.type) ? types[event.type] : undefined;
  if (known !== undefined) {
    const dataFault = known.check?.(event.data);
    if (dataFault === undefined) return { is: 'event', event };
    return { is: 'bad', reason: 'malformed', message: dataFault.slice(0, 300), event };
  }
  const family = TYPE.exec(event.type)?.[1];
  if (family === undefined || !families.has(family)) return { is: 'other', event };
  return { is: 'bad', reason: 'unknownVersion', message: 'this schema version is not known here', event };
}
