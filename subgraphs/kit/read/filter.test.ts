import fc from 'fast-check';
import { asksFor, dateField, enumField, fold, idField, readFilter, textField } from './filter.ts';

const fields = {
  name: textField('nameFolded', fold),
  at: dateField('at'),
  owner: idField('ownerId', 'cus'),
  status: enumField('status'),
};

/** A condition without the marks that let it through sanitizeFilter. */
function plain(condition: object): unknown {
  return structuredClone(condition);
}

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { extensions?: { code?: unknown } }).extensions?.code;
  }
  return undefined;
}

function nest(depth: number): object {
  return depth === 1 ? { name: { eq: 'x' } } : { not: nest(depth - 1) };
}

describe('filters', () => {
  it('turns each form into a condition on the stored field', () => {
    expect(plain(readFilter({ name: { eq: 'ÄNN' } }, fields))).toEqual({ nameFolded: 'änn' });
    expect(plain(readFilter({ name: { in: ['A', 'b'] } }, fields))).toEqual({ nameFolded: { $in: ['a', 'b'] } });
    expect(plain(readFilter({ name: { startsWith: 'A.*' } }, fields))).toEqual({
      nameFolded: { $gte: 'a.*', $lt: 'a.*\u{10ffff}' },
    });
    expect(plain(readFilter({ at: { gte: new Date(1), lt: null } }, fields))).toEqual({ at: { $gte: new Date(1) } });
    expect(plain(readFilter({ status: ['A'] }, fields))).toEqual({ status: { $in: ['A'] } });
  });

  it('joins with and, or and not', () => {
    const filter = { name: { eq: 'a' }, or: [{ status: ['A'] }, { status: ['B'] }], not: { name: { eq: 'b' } } };
    expect(plain(readFilter(filter, fields))).toEqual({
      $and: [
        { nameFolded: 'a' },
        { $or: [{ status: { $in: ['A'] } }, { status: { $in: ['B'] } }] },
        { $nor: [{ nameFolded: 'b' }] },
      ],
    });
  });

  it('selects everything only when nothing is asked', () => {
    expect(plain(readFilter(null, fields))).toEqual({});
    expect(plain(readFilter({ name: null }, fields))).toEqual({});
  });

  it('goes five levels deep and refuses the sixth', () => {
    expect(codeOf(() => readFilter(nest(5), fields))).toBeUndefined();
    expect(codeOf(() => readFilter(nest(6), fields))).toBe('BAD_USER_INPUT');
  });

  it('takes 100 values and 20 branches, and refuses one more', () => {
    const values = (count: number) => readFilter({ name: { in: Array<string>(count).fill('x') } }, fields);
    const branches = (count: number) => readFilter({ or: Array<object>(count).fill({ status: ['A'] }) }, fields);
    expect([codeOf(() => values(100)), codeOf(() => branches(20))]).toEqual([undefined, undefined]);
    expect([codeOf(() => values(101)), codeOf(() => branches(21)), codeOf(() => branches(0))]).toEqual(
      Array(3).fill('BAD_USER_INPUT'),
    );
  });

  it('refuses an id of another type', () => {
    expect(codeOf(() => readFilter({ owner: { eq: 'ord_aaaaaaaa' } }, fields))).toBe('INVALID_ID');
  });

  it('never lets an operator through from a value', () => {
    const operator = fc.constantFrom('$gt', '$ne', '$where', '$regex').map((name) => ({ [name]: '' }));
    fc.assert(
      fc.property(operator, (value) => codeOf(() => readFilter({ name: { eq: value } }, fields)) === 'BAD_USER_INPUT'),
    );
    fc.assert(
      fc.property(operator, (value) => codeOf(() => readFilter({ owner: { eq: value } }, fields)) === 'INVALID_ID'),
    );
  });

  it('knows whether a field is asked for at the top', () => {
    expect([asksFor({ name: { eq: 'a' } }, 'name'), asksFor({ name: null }, 'name'), asksFor(null, 'name')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
