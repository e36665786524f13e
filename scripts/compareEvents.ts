// Compares the events of two AsyncAPI documents of ours: whoever reads the old ones must be able to read the new ones
// without change. A new field is no change to a reader; everything that a reader's own checks would refuse is.
import { schemaNamed, type EventDocument, type JsonSchema } from './eventDocument.ts';

/** What a finding is, why it matters and how it is mended: the same parts as a schema check's (docs/checks.md). */
interface EventCode {
  readonly title: string;
  readonly expected: string;
  readonly why: string;
  readonly mend: string;
}

const NEW_TYPE =
  'Leave the type as it is and tell the new meaning by a new type (…v2) beside it, until nobody reads the old one.';

/** The findings of a comparison. */
export const EVENT_CODES = {
  EVENT_TYPE_REMOVED: {
    title: 'An event type is not told any more',
    expected: 'What is told once is told for as long as somebody reads it.',
    why: 'Readers that wait for it see nothing, and do not learn that they never will.',
    mend: 'Tell it again; if nobody reads it any more, name it with --approve TYPE.',
  },
  EVENT_TOPIC_CHANGED: {
    title: 'An event type is told on another topic',
    expected: 'A type stays where its readers look for it.',
    why: 'Readers follow topics: they see nothing more of it, and its order to the other events of an entity is lost.',
    mend: NEW_TYPE,
  },
  EVENT_FIELD_REMOVED: {
    title: 'A field was removed',
    expected: 'Nothing that a reader may use goes away under the same type.',
    why: 'A reader that needs it parks every event of this type from now on.',
    mend: `Keep the field. ${NEW_TYPE}`,
  },
  EVENT_FIELD_OPTIONAL: {
    title: 'A field need not be there any more',
    expected: 'What was always there stays always there.',
    why: 'A reader does not look whether it is there, and fails where it is not.',
    mend: `Always fill the field. ${NEW_TYPE}`,
  },
  EVENT_FIELD_WIDENED: {
    title: 'A field can hold what it could not before',
    expected: 'A field holds no more than its readers were told.',
    why: 'A reader that checks what it reads parks the events that have another type, null, or an unknown word in it.',
    mend: `Tell it by a new field beside this one. ${NEW_TYPE}`,
  },
} as const satisfies Record<string, EventCode>;

/** One thing that a reader would stumble over. */
export interface EventFinding {
  readonly code: keyof typeof EVENT_CODES;
  readonly type: string;
  /** Where in the event's data, as `lines[].sku`. */
  readonly path: string;
  readonly message: string;
}

interface Place {
  readonly type: string;
  readonly path: string;
}

function finding(code: EventFinding['code'], { type, path }: Place, message: string): EventFinding {
  return { code, type, path, message };
}

/** The kinds of value that a schema allows, each in a form that can be compared: alternatives become one each. */
function kindsOf(schema: JsonSchema): JsonSchema[] {
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) return (alternatives as JsonSchema[]).flatMap(kindsOf);
  if (Array.isArray(schema.type)) return (schema.type as string[]).map((type) => ({ ...schema, type }));
  return [schema];
}

function nameOf(kind: JsonSchema): string {
  return [kind.type ?? 'any', kind['format']].filter(Boolean).join(' ');
}

function wordsOf(kind: JsonSchema): readonly unknown[] | undefined {
  if ('const' in kind) return [kind['const']];
  return Array.isArray(kind['enum']) ? (kind['enum'] as unknown[]) : undefined;
}

/** A new kind fits an old one when a reader of the old takes each of its values, looked at from outside. */
function fitsOutside(before: JsonSchema, after: JsonSchema): boolean {
  if (before.type === undefined) return true;
  const isNarrower = before.type === 'number' && after.type === 'integer';
  if (before.type !== after.type && !isNarrower) return false;
  return before['format'] === undefined || before['format'] === after['format'];
}

function compareWords(before: JsonSchema, after: JsonSchema, place: Place): EventFinding[] {
  const known = wordsOf(before);
  if (known === undefined) return [];
  const words = wordsOf(after);
  const added = words?.filter((word) => !known.includes(word)) ?? ['any other'];
  return added.map((word) => finding('EVENT_FIELD_WIDENED', place, `It can be ${String(word)} now.`));
}

function compareValue(before: JsonSchema, after: JsonSchema, place: Place): EventFinding[] {
  const known = kindsOf(before);
  return kindsOf(after).flatMap((kind) => {
    const like = known.find((each) => fitsOutside(each, kind));
    if (like === undefined) {
      const told = `It can be ${nameOf(kind)} now; it was ${known.map(nameOf).join(' or ')}.`;
      return [finding('EVENT_FIELD_WIDENED', place, told)];
    }
    const items = [like['items'], kind['items']] as [JsonSchema | undefined, JsonSchema | undefined];
    const inItems =
      items[0] === undefined ? [] : compareValue(items[0], items[1] ?? {}, { ...place, path: `${place.path}[]` });
    return [...compareWords(like, kind, place), ...compareFields(like, kind, place), ...inItems];
  });
}

function compareFields(before: JsonSchema, after: JsonSchema, { type, path }: Place): EventFinding[] {
  return Object.entries(before.properties ?? {}).flatMap(([name, schema]) => {
    const place = { type, path: path === '' ? name : `${path}.${name}` };
    const now = after.properties?.[name];
    if (now === undefined) return [finding('EVENT_FIELD_REMOVED', place, `The field ${name} is not there any more.`)];
    const wasThere = before.required?.includes(name) === true;
    const optional =
      wasThere && after.required?.includes(name) !== true
        ? [finding('EVENT_FIELD_OPTIONAL', place, `The field ${name} may be missing now.`)]
        : [];
    return [...optional, ...compareValue(schema, now, place)];
  });
}

function topics({ channels }: EventDocument): Map<string, string> {
  const all = Object.values(channels).flatMap(({ address, messages }) =>
    Object.keys(messages).map((type): [string, string] => [type, address]),
  );
  return new Map(all);
}

/** Takes the document before and after; gives what readers of the old one would stumble over. */
export function compareEvents(before: EventDocument, after: EventDocument): EventFinding[] {
  const now = topics(after);
  const moved = [...topics(before)].flatMap(([type, topic]) => {
    const place = { type, path: '' };
    const other = now.get(type);
    if (other === undefined) return [finding('EVENT_TYPE_REMOVED', place, 'It is not told any more.')];
    return other === topic ? [] : [finding('EVENT_TOPIC_CHANGED', place, `It was told on ${topic}, now on ${other}.`)];
  });
  const gone = new Set(moved.map(({ type }) => type));
  const changed = Object.keys(before.components.schemas).flatMap((name) => {
    const schema = schemaNamed(before, name) ?? {};
    const type = name.replace(/\.personal$/, '');
    const later = schemaNamed(after, name);
    if (gone.has(type)) return [];
    const path = name === type ? '' : 'personal';
    if (later !== undefined) return compareValue(schema, later, { type, path });
    return [finding('EVENT_FIELD_REMOVED', { type, path }, `${name} is not there any more.`)];
  });
  return [...moved, ...changed];
}

/** Takes a finding; gives the lines of its report. */
export function printFinding({ code, type, path, message }: EventFinding): string {
  const { expected, why, mend } = EVENT_CODES[code];
  return [
    `  ✗ ${type}${path === '' ? '' : ` · ${path}`}  ${code}`,
    `      ${message}`,
    `      expected: ${expected}`,
    `      why: ${why}`,
    `      mend: ${mend}`,
    '      read: docs/events.md#changing-an-event',
  ].join('\n');
}
