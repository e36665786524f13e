// Which events are one subscriber's: told by the envelope alone, never by the data, which may be sealed. `id` names the
// entity itself, `customerId` a Customer that the event is about, too; an argument that is absent or null asks nothing.
import type { Fields } from '../../compiledOperation.ts';
import { isRefusal, refuse, type Refusal } from '../../requestState.ts';
import type { LiveField } from '../run/liveFields.ts';
import type { FeedEvent } from './feedEvent.ts';

/** What a subscriber asks of events. */
export interface EventFilter {
  /** Under what the feed finds it: an entity's key that every one of its events carries, or the entity's type. */
  readonly index: string;
  /** Takes an event; gives the id of the entity to complete, undefined for an event that is not the subscriber's. */
  entityIdOf(event: FeedEvent): string | undefined;
}

const ID_ARGUMENT = /^([a-z][A-Za-z0-9]*)Id$/;
const ID_SHAPE = /^[A-Za-z0-9_.-]{1,100}$/;

/** The key of an entity that an argument names; undefined for an argument that names none. */
function keyNamed(argument: string, value: string): string | undefined {
  const name = ID_ARGUMENT.exec(argument)?.[1];
  return name === undefined ? undefined : `${name.charAt(0).toUpperCase()}${name.slice(1)}:${value}`;
}

function readKeys(
  field: LiveField,
  given: Fields,
): { readonly keys: string[]; readonly id: string | undefined } | Refusal {
  const keys: string[] = [];
  let id: string | undefined;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string' || !ID_SHAPE.test(value)) {
      return refuse('BAD_USER_INPUT', `${name} is not the id of anything.`);
    }
    const key = name === 'id' ? `${field.type}:${value}` : keyNamed(name, value);
    if (key === undefined) return refuse('BAD_USER_INPUT', `Events cannot be chosen by ${name}.`);
    if (name === 'id') {
      id = value;
      keys.unshift(key);
    } else keys.push(key);
  }
  return { keys, id };
}

/** Takes a field that sends events, its arguments and the tenant; gives the filter, or the refusal of a wrong argument. */
export function openFilter(field: LiveField, given: Fields, tenantId: string): EventFilter | Refusal {
  const read = readKeys(field, given);
  if (isRefusal(read)) return read;
  const { keys, id } = read;
  return {
    index: keys[0] ?? field.type,
    entityIdOf(event) {
      if (event.tenantId !== tenantId || !field.sources.has(event.source)) return undefined;
      // Without an id each event is about its own entity alone: what else it touches has events of its own.
      if (id === undefined && event.type !== field.type) return undefined;
      return keys.every((key) => event.keys.includes(key)) ? (id ?? event.subject) : undefined;
    },
  };
}
