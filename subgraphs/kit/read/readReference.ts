// Entity references that the gateway sends through `_entities`: any JSON can stand in them (reliability.md, F11), and
// one bad key would fail a whole batch (F12), so each is checked alone before it reaches a loader.
import { isIdOf, type IdPrefix } from '../../../contracts/entityId.ts';
import { refuse } from '../refuse.ts';

const KEY_TEXT_LENGTH_MAX = 200;

/** Takes a prefix and a value from outside; gives the id. Refuses anything that is not an id of that type. */
export function readId(prefix: IdPrefix, value: unknown): string {
  if (isIdOf(prefix, value)) return value;
  throw refuse('INVALID_ID', `The id is not one of this type: ${prefix}_ and then 6 to 40 small letters and digits.`);
}

/** Takes a field's name and a value from outside; gives the text. Refuses objects, empty and over-long texts. */
export function readKeyText(name: string, value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= KEY_TEXT_LENGTH_MAX) return value;
  throw refuse('BAD_USER_INPUT', `${name} must be a text of 1 to ${KEY_TEXT_LENGTH_MAX} characters.`);
}

/** How another system knows an entity. */
export interface ExternalRef {
  readonly source: string;
  readonly id: string;
}

/** Takes a value from outside; gives the external reference. */
export function readExternalRef(value: unknown): ExternalRef {
  const { source, id } = (value ?? {}) as Record<string, unknown>;
  return { source: readKeyText('source', source), id: readKeyText('id', id) };
}

/** Takes an external reference; gives the one text that is unique in a tenant. Injective: the length stands first. */
export function externalKeyOf(reference: ExternalRef): string {
  return `${reference.source.length}:${reference.source}:${reference.id}`;
}
