import { makeListLoader, makeLoader } from './loader.ts';

describe('loaders', () => {
  it('ask once for all keys of a turn, and answer in key order', async () => {
    const asked: (readonly string[])[] = [];
    const load = makeLoader((keys) => {
      asked.push(keys);
      return Promise.resolve(
        new Map([
          ['b', 2],
          ['a', 1],
        ]),
      );
    });
    expect(await Promise.all(['a', 'missing', 'b', 'a'].map(load))).toEqual([1, undefined, 2, 1]);
    expect(asked).toEqual([['a', 'missing', 'b']]);
  });

  it('split what is more than 500 keys', async () => {
    const sizes: number[] = [];
    const load = makeLoader((keys) => {
      sizes.push(keys.length);
      return Promise.resolve(new Map<string, number>());
    });
    await Promise.all(Array.from({ length: 501 }, (_, at) => load(String(at))));
    expect(sizes).toEqual([500, 1]);
  });

  it('ask once for parents with equal arguments, and apart for others', async () => {
    const asked: unknown[] = [];
    const load = makeListLoader((parents, args: { first: number }) => {
      asked.push([parents, args]);
      return Promise.resolve(new Map<string, string[]>());
    });
    await Promise.all([load('a', { first: 1 }), load('b', { first: 1 }), load('a', { first: 2 })]);
    expect(asked).toEqual([
      [['a', 'b'], { first: 1 }],
      [['a'], { first: 2 }],
    ]);
  });
});
