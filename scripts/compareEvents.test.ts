import { z } from '../subgraphs/kit/events/eventFields.ts';
import { compareEvents } from './compareEvents.ts';
import { makeEventDocument, schemaNamed, type EventDocument, type JsonSchema } from './eventDocument.ts';

const TYPE = 'crm.thing.changed.v1';

function documentOf(schema: z.ZodObject | JsonSchema, address = 'outbox.event.Thing', type = TYPE): EventDocument {
  const json = schema instanceof z.ZodObject ? (z.toJSONSchema(schema, { io: 'input' }) as JsonSchema) : schema;
  return { channels: { Thing: { address, messages: { [type]: {} } } }, components: { schemas: { [type]: json } } };
}

const color = z.enum(['RED', 'BLUE']);
const before = {
  name: z.string(),
  count: z.number(),
  at: z.iso.datetime().nullable(),
  color,
  parts: z.array(z.object({ sku: z.string() })),
};

function codesAfter(after: z.ZodRawShape): string[] {
  const findings = compareEvents(documentOf(z.object(before)), documentOf(z.object(after)));
  return findings.map(({ code, path }) => `${path}: ${code}`);
}

describe('the comparison of events', () => {
  it.each([
    ['nothing changed', {}],
    ['a new field', { more: z.string() }],
    ['a new optional field', { more: z.string().optional() }],
    ['no more null', { at: z.iso.datetime() }],
    ['whole numbers in place of numbers', { count: z.int() }],
    ['a word less', { color: z.enum(['RED']) }],
    ['a new field in a list', { parts: z.array(z.object({ sku: z.string(), more: z.string() })) }],
  ])('lets pass %s', (_, change) => {
    expect(codesAfter({ ...before, ...change })).toEqual([]);
  });

  it.each([
    ['another type of a field', { name: z.int() }, 'name: EVENT_FIELD_WIDENED'],
    ['null where there was none', { name: z.string().nullable() }, 'name: EVENT_FIELD_WIDENED'],
    ['any text in place of a moment', { at: z.string().nullable() }, 'at: EVENT_FIELD_WIDENED'],
    ['a new word', { color: z.enum(['RED', 'BLUE', 'GREEN']) }, 'color: EVENT_FIELD_WIDENED'],
    ['any text in place of words', { color: z.string() }, 'color: EVENT_FIELD_WIDENED'],
    ['a field that may be missing', { name: z.string().optional() }, 'name: EVENT_FIELD_OPTIONAL'],
    ['a field of a list gone', { parts: z.array(z.object({})) }, 'parts[].sku: EVENT_FIELD_REMOVED'],
    ['one in place of a list', { parts: z.object({ sku: z.string() }) }, 'parts: EVENT_FIELD_WIDENED'],
  ])('refuses %s', (_, change, code) => {
    expect(codesAfter({ ...before, ...change })).toEqual([code]);
  });

  it('refuses a field that is gone, a type that is gone and a type on another topic', () => {
    const rest = Object.entries(before).filter(([name]) => name !== 'name');
    expect(codesAfter(Object.fromEntries(rest))).toEqual(['name: EVENT_FIELD_REMOVED']);
    const [old, other] = [documentOf(z.object(before)), documentOf(z.object(before), 'outbox.event.Thing', `${TYPE}2`)];
    expect(compareEvents(old, other).map(({ code }) => code)).toEqual(['EVENT_TYPE_REMOVED']);
    const moved = documentOf(z.object(before), 'outbox.event.Other');
    expect(compareEvents(old, moved).map(({ code }) => code)).toEqual(['EVENT_TOPIC_CHANGED']);
  });

  it('finds nothing between the events of the graph and themselves, and each field that is taken out of them', () => {
    const document = makeEventDocument();
    expect(compareEvents(document, document)).toEqual([]);
    const names = Object.keys(document.components.schemas).filter((name) => name !== 'CloudEvent');
    for (const name of names) {
      const schema = schemaNamed(document, name);
      for (const field of Object.keys(schema?.properties ?? {})) {
        const kept = Object.entries(schema?.properties ?? {}).filter(([other]) => other !== field);
        const schemas = { [name]: { ...schema, properties: Object.fromEntries(kept) } };
        const only = { ...document, components: { schemas: { [name]: schema ?? {} } } };
        const findings = compareEvents(only, { ...document, components: { schemas } });
        expect(findings.map(({ code }) => code)).toEqual(['EVENT_FIELD_REMOVED']);
      }
    }
  });
});
