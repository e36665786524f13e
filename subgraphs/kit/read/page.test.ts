import fc from 'fast-check';
import { makeConnection, makeCursor, readFirst, readOrdering, readPage, type Ordering } from './page.ts';

const byDate: Ordering = { name: 'd-', field: 'at', direction: -1, kind: 'date', index: 'byAt' };
const byName: Ordering = { name: 'n+', field: 'name', direction: 1, kind: 'text', index: 'byName' };
const noCount = () => Promise.resolve(0);

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { extensions?: { code?: unknown } }).extensions?.code;
  }
  return undefined;
}

describe('page sizes', () => {
  it('takes 1 to 100, and 20 when none is given', () => {
    expect([readFirst(1), readFirst(100), readFirst(null), readFirst(undefined)]).toEqual([1, 100, 20, 20]);
  });

  it.each([0, -1, 101])('refuses %d', (first) => {
    expect(codeOf(() => readFirst(first))).toBe('PAGE_TOO_LARGE');
  });
});

describe('cursors', () => {
  it('asks for the rows after the cursor, whatever its values hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, _id) => {
        const { after } = readPage({ after: makeCursor(byName, { _id, name } as { _id: string }) }, byName);
        expect(structuredClone(after)).toEqual({
          name: { $gte: name },
          $or: [{ name: { $gt: name } }, { _id: { $gt: _id } }],
        });
      }),
    );
  });

  it('goes down from a date', () => {
    const at = new Date(5);
    const { after } = readPage({ after: makeCursor(byDate, { _id: 'x', at } as { _id: string }) }, byDate);
    expect(structuredClone(after)).toEqual({ at: { $lte: at }, $or: [{ at: { $lt: at } }, { _id: { $lt: 'x' } }] });
  });

  it('refuses every text that this order did not make', () => {
    const foreign = makeCursor(byName, { _id: 'x', name: 'n' } as { _id: string });
    expect(codeOf(() => readPage({ after: foreign }, byDate))).toBe('INVALID_CURSOR');
    fc.assert(fc.property(fc.string(), (after) => codeOf(() => readPage({ after }, byDate)) === 'INVALID_CURSOR'));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, id) => {
        fc.pre(typeof value !== 'number' || typeof id !== 'string');
        const after = Buffer.from(JSON.stringify(['d-', value, id])).toString('base64url');
        return codeOf(() => readPage({ after }, byDate)) === 'INVALID_CURSOR';
      }),
    );
  });
});

describe('orders', () => {
  it('takes one value and refuses combinations', () => {
    const orderings = { A: byDate, B: byName };
    expect(readOrdering(['B'], orderings, 'A')).toBe(byName);
    expect(readOrdering(null, orderings, 'A')).toBe(byDate);
    expect(codeOf(() => readOrdering(['A', 'B'], orderings, 'A'))).toBe('BAD_USER_INPUT');
  });
});

describe('connections', () => {
  it('says that there is more when a row lies beyond the page', () => {
    const page = readPage({ first: 2 }, byName);
    const rows = ['a', 'b', 'c'].map((name) => ({ _id: name, name }));
    const connection = makeConnection(page, rows, noCount);
    expect(connection.edges.map(({ node }) => node.name)).toEqual(['a', 'b']);
    expect(connection.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(makeConnection(page, rows.slice(0, 2), noCount).pageInfo.hasNextPage).toBe(false);
  });

  it('has no cursors when it is empty', () => {
    const { pageInfo } = makeConnection(readPage({}, byName), [], noCount);
    expect(pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null });
  });
});
