import { buildSchema, parse, print, stripIgnoredCharacters } from 'graphql';
import { fieldNamesOf, renameAliases } from './renameAliases.ts';

const FIELDS = fieldNamesOf(
  buildSchema('type Query { product: Product } type Product { upc: ID! name: String price(in: String): Int }'),
);

function rename(query: string) {
  const renamed = renameAliases(parse(query, { noLocation: true }), FIELDS);
  return { ...renamed, text: stripIgnoredCharacters(print(renamed.document)) };
}

describe('renaming aliases', () => {
  it('gives an alias that equals a field of the graph another name, and the client its own back', () => {
    const { text, sourceOf, clientNameOf } = rename('{ product { upc: name } }');
    const source = sourceOf('upc');
    expect(FIELDS.has(source)).toBe(false);
    expect([text, clientNameOf(source)]).toEqual([`{product{${source}:name}}`, 'upc']);
  });

  it.each(['__typename', 'constructor', '__proto__', 'toString', '_entities', 'a9__client', 'x__alias_1', 'y__with_0'])(
    'gives the alias %s another name',
    (alias) => {
      const { text, sourceOf, clientNameOf } = rename(`{ product { ${alias}: name } }`);
      expect(text).not.toContain(`${alias}:`);
      expect(clientNameOf(sourceOf(alias))).toBe(alias);
    },
  );

  it('gives one alias one name at every place, and two aliases two', () => {
    const { text, sourceOf } = rename(
      '{ a: product { upc: name } b: product { upc: name price: name } ...F } fragment F on Query { product { upc: name } }',
    );
    expect(text.match(new RegExp(`${sourceOf('upc')}:name`, 'g'))).toHaveLength(3);
    expect(sourceOf('upc')).not.toBe(sourceOf('price'));
  });

  it('gives an alias the same name whatever stands beside it', () => {
    const alone = rename('{ product { name: upc } }').sourceOf('name');
    expect(rename('{ product { upc: name price: name name: upc } }').sourceOf('name')).toBe(alone);
  });

  it('gives a field by the name of what every object has another name too', () => {
    const { text, sourceOf, clientNameOf } = rename('{ race { constructor toString: toString } }');
    const names = ['constructor', 'toString'].map(sourceOf);
    expect(text).toBe(`{race{${names[0]}:constructor ${names[1]}:toString}}`);
    expect(names.map(clientNameOf)).toEqual(['constructor', 'toString']);
  });

  it('leaves harmless aliases, plain fields and an alias that repeats its field', () => {
    const query = '{shown:product{upc:upc name}}';
    const { text, sourceOf } = rename(query);
    expect([text, sourceOf('shown'), sourceOf('name')]).toEqual([query, 'shown', 'name']);
  });

  it('renames variables that the planner has names for, where they are declared and where they are used', () => {
    const { text, planVariableOf, clientVariableOf } = rename(
      'query($representations: String, $mine: String) { product { price(in: $representations) more: price(in: $mine) } }',
    );
    const own = planVariableOf('representations');
    expect(own).not.toBe('representations');
    expect(text).toBe(`query($${own}:String$mine:String){product{price(in:$${own})more:price(in:$mine)}}`);
    expect([clientVariableOf(own), clientVariableOf('mine')]).toEqual(['representations', 'mine']);
  });
});
