import fc from 'fast-check';
import { entityStep } from '../../test/harness/planSteps.ts';
import type { Failure, FetchStep, Fields } from '../compiledOperation.ts';
import { openRepresentationReader } from '../plan/representationReader.ts';
import { FailureLog } from './failures.ts';
import { SharedEntities } from './shareEntities.ts';
import { objectsAt, readParts, type FetchPart } from './representations.ts';

const isOfType = (typename: string, condition: string): boolean => typename === condition;
const field = (name: string) => ({ kind: 'Field', name }) as const;

/** Reads `__typename`, `id` and what is required of a `T` or a `V`. */
function readerOf(...required: string[]) {
  const selections = ['__typename', 'id', ...required].map(field);
  return openRepresentationReader({
    requires: ['T', 'V'].map((typeCondition) => ({ kind: 'InlineFragment' as const, typeCondition, selections })),
    rewrites: [],
    isOfType,
    realNameOf: (key) => key,
  });
}

const stepAt = (path: string[], ...required: string[]): FetchStep =>
  entityStep('a', { reader: readerOf(...required), readMark: path.join('.') }, { path, keysOf: () => ['price'] });

const failure: Failure = { code: 'SUBGRAPH_TIMEOUT', message: 'late', namesField: true, beneath: [] };

function read(step: FetchStep, tree: Fields, failures = new FailureLog(), representationsMax = 100): FetchPart[] {
  return readParts(step, tree, {
    failures,
    shared: new SharedEntities(),
    isOfType,
    representationsMax,
    alreadyRead: new Map(),
  });
}

const entity = (id: string, more: Fields = {}): Fields => ({ __typename: 'T', id, ...more });
const text = (id: string): string => JSON.stringify(entity(id));

describe('reading representations', () => {
  it('sends each entity once, however often and where it stands, and each object keeps its own', () => {
    const ids = fc.array(fc.constantFrom('1', '2', '3', '4', '5'), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(ids, { maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (lists, max, isSlow) => {
          const failures = new FailureLog();
          // With a failure somewhere, the other way of reading is taken.
          if (isSlow) failures.mark({}, 'elsewhere', failure);
          const tree = { lists: lists.map((list) => ({ items: list.map((id) => entity(id)) })) };
          const parts = read(stepAt(['lists', '@', 'items', '@']), tree, failures, max);
          const texts = parts.flatMap((part) => part.texts);
          expect(texts).toEqual([...new Set(lists.flat())].map(text));
          expect(parts.every((part) => part.texts.length <= max)).toBe(true);
          const asked = parts.flatMap(({ objects, indexes, texts: own }) =>
            objects.map(({ id }, at) => [text(String(id)), own[indexes[at] ?? -1]]),
          );
          expect(asked).toHaveLength(lists.flat().length);
          for (const [wanted, sent] of asked) expect(sent).toBe(wanted);
        },
      ),
    );
  });

  it('tells entities apart by their type, their key and what is required of them', () => {
    const items = ['1 1', '1 2', '1 1', '2 1'].map((each) => entity(each.charAt(0), { weight: each.charAt(2) }));
    items.push({ ...items[0], __typename: 'V' });
    const [part] = read(stepAt(['items', '@'], 'weight'), { items });
    expect(part?.texts).toEqual([items[0], items[1], items[3], items[4]].map((each) => JSON.stringify(each)));
    expect(part?.indexes).toEqual([0, 1, 0, 2, 3]);
  });

  it('does not ask for what is null, of another type, or without a type', () => {
    const tree = { items: [null, { __typename: 'U', id: '1' }, { id: '2' }, entity('3')] };
    expect(read(stepAt(['items', '@']), tree).flatMap(({ texts }) => texts)).toEqual([text('3')]);
  });

  it('passes a required null on, and never one that stands for a failure', () => {
    const [whole, broken] = [entity('1', { weight: null }), entity('2', { weight: null })];
    const failures = new FailureLog();
    failures.mark(broken, 'weight', failure);
    const parts = read(stepAt(['items', '@'], 'weight'), { items: [whole, broken] }, failures);
    expect(parts.map(({ texts }) => texts)).toEqual([[JSON.stringify(whole)]]);
  });

  it('never asks with a number that JSON cannot write', () => {
    const [whole, broken] = [entity('1', { weight: 1.5 }), entity('2', { weight: Number.POSITIVE_INFINITY })];
    const parts = read(stepAt(['items', '@'], 'weight'), { items: [whole, broken] });
    expect(parts.map(({ texts }) => texts)).toEqual([[JSON.stringify(whole)]]);
  });

  it('says of each field that needs what failed that it is away, for the same reason', () => {
    const broken = entity('2', { weight: null });
    const failures = new FailureLog();
    failures.mark(broken, 'weight', failure);
    expect(read(stepAt(['items', '@'], 'weight'), { items: [broken] }, failures)).toEqual([]);
    expect(failures.of(broken, 'price')?.code).toBe('SUBGRAPH_TIMEOUT');
  });

  it('still fetches what does not need what failed', () => {
    const broken = entity('2', { weight: null });
    const failures = new FailureLog();
    failures.mark(broken, 'weight', failure);
    const kept = { ...stepAt(['items', '@']), keysOf: () => ['name'] };
    const step = stepAt(['items', '@'], 'weight');
    const asked: (readonly string[])[] = [];
    const without = (lacking: readonly string[]): FetchStep => {
      asked.push(lacking);
      return kept;
    };
    const parts = read({ ...step, entity: step.entity && { ...step.entity, without } }, { items: [broken] }, failures);
    expect(asked).toEqual([['weight']]);
    expect(parts.map((part) => [part.step, part.texts])).toEqual([[kept, [text('2')]]]);
  });
});

describe('values from above an entity', () => {
  const withContext = entityStep(
    'a',
    { reader: readerOf(), context: [{ variable: 'currency', path: ['..', 'currency'] }] },
    { path: ['shops', '@', 'items', '@'], keysOf: () => ['price'] },
  );
  const shop = (currency: string | null, ...ids: string[]) => ({ currency, items: ids.map((id) => entity(id)) });

  it('go along as variables, entities under different ones apart', () => {
    const parts = read(withContext, {
      shops: [shop('EUR', '1', '2'), shop('USD', '1'), shop('EUR', '3'), shop(null, '4')],
    });
    expect(parts.map(({ context, texts }) => [context, texts])).toEqual([
      [',"currency":"EUR"', ['1', '2', '3'].map(text)],
      [',"currency":"USD"', [text('1')]],
      [',"currency":null', [text('4')]],
    ]);
  });

  it('are never passed on where they failed', () => {
    const broken = shop(null, '1');
    const failures = new FailureLog();
    failures.mark(broken, 'currency', failure);
    expect(read(withContext, { shops: [broken] }, failures)).toEqual([]);
    expect(failures.isFailed(broken.items[0] ?? {}, 'price')).toBe(true);
  });
});

describe('the objects at a path', () => {
  it('are found through lists in lists, past nulls and leaves', () => {
    const tree = {
      a: [
        [{ b: { id: 1 } }, null],
        [{ b: null }, { b: 5 }, { b: { id: 2 } }],
      ],
    };
    expect(objectsAt(tree, ['a', '@', '@', 'b'], new SharedEntities())).toEqual([{ id: 1 }, { id: 2 }]);
  });
});
