import { rememberByType } from './rememberByType.ts';

describe('what is remembered by type', () => {
  it('is worked out once, also where nothing came of it', () => {
    const asked: string[] = [];
    const of = rememberByType((typename: string) => {
      asked.push(typename);
      return asked.find((name) => name === 'none');
    });
    for (const name of ['A', 'B', 'A', 'B']) expect(of(name)).toBeUndefined();
    expect(asked).toEqual(['A', 'B']);
  });

  it('is worked out anew for names that come after very many', () => {
    let times = 0;
    const of = rememberByType((typename: string) => ((times += 1), typename.length));
    for (let at = 0; at < 2_000; at++) of(`T${at}`);
    expect([of('T0'), of('T1999'), of('T1999'), times]).toEqual([2, 5, 5, 2_002]);
  });
});
