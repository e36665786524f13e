// What an upsert of a custom field definition means for the stored one. Its kind is for ever: values of it are stored.
import { checkText, firstFault } from '../../kit/write/checkInput.ts';
import type { Decision, Item } from '../../kit/write/writeBatch.ts';
import type { CustomFieldDefinitionDocument } from '../model.ts';

/** A new or known definition. */
export interface CustomFieldDefinitionInput {
  readonly key: string;
  readonly label: string;
  readonly kind: CustomFieldDefinitionDocument['kind'];
  readonly indexed?: boolean | null;
  readonly version?: number | null;
}

const KEY_SHAPE = /^[a-z][a-zA-Z0-9_]{0,49}$/;

/** Takes an input; gives the item. A deleted definition comes back under its old kind. */
export function definitionItem(input: CustomFieldDefinitionInput): Item<CustomFieldDefinitionDocument> {
  const { key, label, kind, version } = input;
  const indexed = input.indexed ?? false;
  return {
    key,
    version,
    decide(stored): Decision<CustomFieldDefinitionDocument> {
      const shape = KEY_SHAPE.test(key) ? undefined : 'key is a small letter, then up to 49 letters, digits and _.';
      const fault = firstFault(shape, checkText('label', label, 100));
      if (fault !== undefined) return { do: 'refuse', code: 'INVALID', message: fault };
      if (stored === undefined) return { do: 'insert', fields: { key, label, kind, indexed } };
      if (stored.kind !== kind)
        return { do: 'refuse', code: 'CONFLICT', message: `The kind of this key is ${stored.kind}.` };
      return { do: 'patch', fields: { label, indexed, deletedAt: null } };
    },
  };
}
