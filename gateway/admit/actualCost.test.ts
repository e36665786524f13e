import fc from 'fast-check';
import { costsOn, SHOP } from '../../test/harness/costSchemas.ts';

describe('the actual cost', () => {
  const costs = costsOn(SHOP);

  it('is that of what came', () => {
    const compiled = costs(`query ($n: Int, $f: Filter) {
      items(first: $n) { name t: tags { name heavy } } item(filter: $f) { name } dear state gone: item { name } }`);
    const data = {
      items: [
        {
          name: 'a',
          t: [
            { name: 'b', heavy: 1 },
            { name: 'c', heavy: null },
          ],
        },
        { name: 'd', t: [] },
      ],
      item: { name: 'e' },
      dear: [1, 2],
      state: 'ON',
      gone: null,
    };
    expect(compiled.actual(data, { f: { name: '' } })).toBe(2 + 2 + 6 + (1 + 4) + 6 + 2);
    expect(compiled.actual(null, {})).toBe(0);
  });

  it("takes the dearest of the types where a value's type cannot be told", () => {
    const compiled = costs('{ named { name ...on Item { item { name } } ...on Rare { rare { name } } } }');
    expect(compiled.actual({ named: { name: 'a', item: { name: 'b' } } }, {})).toBe(51);
    expect(compiled.actual({ named: { name: 'a', rare: { name: 'b' } } }, {})).toBe(51);
  });

  it('has the points of a mutation, its input and its own lists of lists', () => {
    const mutation = costs('mutation ($i: [ItemInput!]!) { put(items: $i) { name } other }');
    expect(mutation.actual({ put: null, other: 1 }, { i: [{}, {}] })).toBe(12);
    expect(costs('{ table { name item { name } } }').actual({ table: [[{ item: {} }, null], [], null] }, {})).toBe(4);
    expect(costs('{ table { name } }').actual({ table: [[{}, {}, {}], [{}]] }, {})).toBe(4);
  });

  it('does not look into scalars, however deep they are', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(costs('{ rate }').actual({ rate: deep }, {})).toBe(4);
    expect(costs('{ dear }').actual({ dear: [deep, deep] }, {})).toBe(6);
  });

  it('equals the estimate where as much comes as was estimated', () => {
    const document = 'query ($n: Int) { items(first: $n) { name tags { item { heavy } } } item { name } }';
    const compiled = costs(document);
    fc.assert(
      fc.property(fc.nat(30), (n) => {
        const tags = Array.from({ length: 3 }, () => ({ item: { heavy: 1 } }));
        const data = { items: Array.from({ length: n }, () => ({ name: 'a', tags })), item: { name: 'b' } };
        expect(compiled.actual(data, { n })).toBe(compiled.estimate({ n }));
      }),
    );
  });
});
