import {
  buildSchema,
  parse,
  print,
  stripIgnoredCharacters,
  type FieldNode,
  type OperationDefinitionNode,
} from 'graphql';
import { findClashes } from './clashingNames.ts';
import { fieldNamesOf, renameAliases } from './renameAliases.ts';

const FIELDS = fieldNamesOf(
  buildSchema('type Query { product: Product } type Product { upc: ID! name: String price(in: String): Int }'),
);

function rename(query: string) {
  const document = parse(query, { noLocation: true });
  const clashes = findClashes(document, document.definitions[0] as OperationDefinitionNode);
  const renamed = renameAliases(document, clashes, FIELDS);
  return { ...renamed, text: stripIgnoredCharacters(print(renamed.document)) };
}

/** A field as a client writes it, `alias: name` or `name`. */
function field(text: string): FieldNode {
  const [operation] = parse(`{ ${text} }`, { noLocation: true }).definitions as OperationDefinitionNode[];
  return operation?.selectionSet.selections[0] as FieldNode;
}

describe('renaming aliases', () => {
  it('gives an alias that equals a field of the graph another name, and the client its own back', () => {
    const { text, sourceOf, clientNameOf } = rename('{ product { upc: name } }');
    const source = sourceOf(field('upc: name'));
    expect(FIELDS.has(source)).toBe(false);
    expect([text, clientNameOf(source)]).toEqual([`{product{${source}:name}}`, 'upc']);
  });

  it.each(['__typename', 'constructor', '__proto__', 'toString', '_entities', 'a9__client', 'x__alias_1', 'y__with_0'])(
    'gives the alias %s another name',
    (alias) => {
      const { text, sourceOf, clientNameOf } = rename(`{ product { ${alias}: name } }`);
      expect(text).not.toContain(`${alias}:`);
      expect(clientNameOf(sourceOf(field(`${alias}: name`)))).toBe(alias);
    },
  );

  it('gives one alias one name at every place, and two aliases two', () => {
    const { text, sourceOf } = rename(
      '{ a: product { upc: name } b: product { upc: name price: name } ...F } fragment F on Query { product { upc: name } }',
    );
    expect(text.match(new RegExp(`${sourceOf(field('upc: name'))}:name`, 'g'))).toHaveLength(3);
    expect(sourceOf(field('upc: name'))).not.toBe(sourceOf(field('price: name')));
  });

  it('gives an alias the same name whatever stands beside it', () => {
    const alone = rename('{ product { name: upc } }').sourceOf(field('name: upc'));
    expect(rename('{ product { upc: name price: name name: upc } }').sourceOf(field('name: upc'))).toBe(alone);
  });

  it('gives a field by the name of what every object has another name too', () => {
    const { text, sourceOf, clientNameOf } = rename('{ race { constructor toString: toString } }');
    const names = ['constructor', 'toString: toString'].map((each) => sourceOf(field(each)));
    expect(text).toBe(`{race{${names[0]}:constructor ${names[1]}:toString}}`);
    expect(names.map(clientNameOf)).toEqual(['constructor', 'toString']);
  });

  it('leaves harmless aliases, plain fields and an alias that repeats its field', () => {
    const query = '{shown:product{upc:upc name}}';
    const { text, sourceOf } = rename(query);
    expect([text, sourceOf(field('shown: product')), sourceOf(field('name'))]).toEqual([query, 'shown', 'name']);
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

  it('keeps two variables two, of which one has the name that the other is given', () => {
    const { text } = rename(
      'query($representations: String, $client_representations: String) { product { price(in: $representations) more: price(in: $client_representations) } }',
    );
    const declared = [...(/^query\((.*?)\)/.exec(text)?.[1] ?? '').matchAll(/\$(\w+)/g)].map(([, name]) => name);
    expect([declared.length, new Set(declared).size]).toEqual([2, 2]);
  });

  describe('one response name for several things at one place', () => {
    it('gives each of them a name of its own, told by field and arguments', () => {
      const { text, sourceOf, clientNameOf } = rename(
        '{ all { ... on Book { by { v: nick } } ... on Film { by { v: phone } } ... on Song { by { v: nick } } } }',
      );
      const [nick, phone] = ['v: nick', 'v: phone'].map((each) => sourceOf(field(each)));
      expect(text).toBe(`{all{...on Book{by{v:nick}}...on Film{by{${phone}:phone}}...on Song{by{v:nick}}}}`);
      expect([nick, clientNameOf(phone ?? '')]).toEqual(['v', 'v']);
    });

    it('does so through fragments, and where the place itself has several names', () => {
      const { text } = rename(
        '{ all { ...B ... on Film { by: director { price(in: "EN") } } } } fragment B on Book { by: author { price(in: "DE") } }',
      );
      expect(text.match(/c_by__client_1/g)).toHaveLength(1);
      expect(text).not.toContain('c_price');
    });

    it('takes arguments in another order for the same', () => {
      const { text } = rename(
        '{ all { ... on Book { x(a: 1, b: {c: 2, d: [3]}) } ... on Film { x(b: {d: [3], c: 2}, a: 1) } } }',
      );
      expect(text).not.toContain('c_x');
    });

    it('renames nothing that stands at different places', () => {
      expect(rename('{ a { x(n: 1) b { x(n: 2) } } }').text).not.toContain('c_x');
    });
  });
});
